#pragma once

#include <span>
#include <string_view>

#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include "kernel/lib/types.h"

namespace tenon::ext2 {

// Where a volume stands: a block device in the kernel, a file in the host's tests.
class Medium {
public:
    virtual u64 size() const = 0;
    // Few bytes at any place, wanted again soon: superblock, descriptors, inodes, block pointers.
    virtual Result<> read_metadata(u64 offset, std::span<std::byte> out) = 0;
    // File data into one or more pieces of memory, each whole sectors of 512 bytes.
    virtual Result<> read_data(u64 offset, std::span<const std::span<std::byte>> parts) = 0;
    // Takes one line that says what is wrong with the volume.
    virtual void complain(std::string_view text) = 0;

    template <typename... Args>
    [[nodiscard]] std::unexpected<Errno> fail(Errno error, std::string_view format, const Args&... args)
    {
        complain(FixedText<200>(format, args...).view());
        return std::unexpected(error);
    }

protected:
    ~Medium() = default;
};

}  // namespace tenon::ext2
