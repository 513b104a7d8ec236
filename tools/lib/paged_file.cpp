#include "tools/lib/paged_file.h"

#include <algorithm>
#include <fcntl.h>

#include "tools/lib/messages.h"

namespace tenon::tools {

Result<PagedFile> PagedFile::open_at(int folder, const std::string& name)
{
    PagedFile file;
    file.descriptor_ = TRY(open_file_at(folder, name, O_RDONLY | O_NONBLOCK));
    const u64 size = TRY(regular_file_size(file.descriptor_.get()));
    if (size > size_limit)
        return fail(Errno::fbig);
    file.name_ = name;
    file.size_ = static_cast<std::size_t>(size);
    file.bytes_ = std::make_unique_for_overwrite<std::byte[]>(file.size_);
    file.there_.resize((file.size_ + piece_size - 1) / piece_size);
    return file;
}

bool PagedFile::fetch(std::size_t offset, std::size_t size)
{
    for (std::size_t piece = offset / piece_size; piece * piece_size < offset + size; ++piece) {
        if (there_[piece])
            continue;
        if (failed_)
            return false;
        const std::size_t start = piece * piece_size;
        const auto into = std::span(bytes_.get() + start, std::min(piece_size, size_ - start));
        if (const auto result = read_at(descriptor_.get(), start, into); !result) {
            message(Severity::error, "could not read %s: %s", name_.c_str(), error_text(result.error()));
            failed_ = true;
            return false;
        }
        there_[piece] = true;
    }
    return true;
}

}  // namespace tenon::tools
