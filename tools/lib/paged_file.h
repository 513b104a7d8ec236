#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include "tools/lib/file.h"

namespace tenon::tools {

// A file whose parts are read where they are looked at first: what a few look-ups in a large file need is a small part of it. It is not
// mapped, so that a file that is cut short meanwhile makes a look-up fail, not the program. Not thread safe.
class PagedFile {
public:
    PagedFile() = default;

    // `name` is for messages. `Errno::fbig` for more than size_limit.
    static Result<PagedFile> open_at(int folder, const std::string& name);

    // As many bytes as the file had when it was opened, those alone with their contents that were fetched.
    std::span<const std::byte> bytes() const { return {bytes_.get(), size_}; }

    // Reads [offset, offset + size), which lies inside the file, unless it is there. A failure is reported, and is the last: nothing more
    // is fetched then.
    bool fetch(std::size_t offset, std::size_t size);

    static constexpr std::size_t piece_size = 16 * 1024;
    static constexpr std::size_t size_limit = std::size_t{1} << 30;

private:
    FileDescriptor descriptor_;
    std::string name_;
    std::unique_ptr<std::byte[]> bytes_;
    std::size_t size_ = 0;
    std::vector<bool> there_;  // by piece
    bool failed_ = false;
};

}  // namespace tenon::tools
