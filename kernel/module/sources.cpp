#include "kernel/module/sources.h"

#include "kernel/mm/user_access.h"

namespace tenon {

Result<> UserSource::read(u64 offset, std::span<std::byte> into)
{
    return user::copy_from(into, start_ + offset);
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
