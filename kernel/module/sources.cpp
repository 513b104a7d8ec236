#include "kernel/module/sources.h"

#include <algorithm>
#include <utility>

#include "kernel/mm/user_access.h"
#include <tenon/sync.h>

namespace tenon {

Result<> UserSource::read(u64 offset, std::span<std::byte> into)
{
    constexpr usize bytes_between_points = 1024 * 1024;
    while (!into.empty()) {
        const auto piece = into.first(std::min(into.size(), bytes_between_points));
        TRY(user::copy_from(piece, start_ + offset));
        into = into.subspan(piece.size());
        offset += piece.size();
        if (!into.empty())
            TRY(resched_point());
    }
    return {};
}

Result<> FileSource::start()
{
    TRY(file_.inode().begin_running());
    keeps_writers_out_ = true;
    size_ = file_.inode().attributes().size;
    return {};
}

void FileSource::finish()
{
    if (std::exchange(keeps_writers_out_, false))
        file_.inode().end_running();
}

Result<> FileSource::read(u64 offset, std::span<std::byte> into)
{
    while (!into.empty()) {
        const usize count = TRY(file_.read_at(into, offset));
        if (count == 0)
            return fail(Errno::noexec);
        into = into.subspan(count);
        offset += count;
    }
    return {};
}

}  // namespace tenon
