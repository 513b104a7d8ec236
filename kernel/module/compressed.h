#pragma once

#include <span>

#include "kernel/lib/result.h"
#include "kernel/mm/page_buffer.h"
#include "module/elf/diagnostics.h"

namespace tenon {

// The first four bytes of zstd data (RFC 8878, 3.1.1), as a little-endian number.
inline constexpr u32 zstd_magic = 0xfd2fb528;

// Memory that holds a whole module file.
struct FileBuffer {
    PageBuffer memory;
    usize size = 0;  // bytes of it that belong to the file

    std::span<const std::byte> bytes() const { return memory.bytes().first(size); }
};

// Unpacks zstd data of one or more frames. Errno::inval for anything that is not wholly that, nomem.
Result<FileBuffer> decompress_zstd(std::span<const std::byte> data, elf::Diagnostics& diagnostics);

}  // namespace tenon
