#pragma once

#include <array>
#include <optional>
#include <span>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include "module/elf/format.h"

// The program headers of an ELF executable (System V ABI, generic part, chapter 5), checked once so that mapping
// it needs no further checks. Pure.

namespace tenon::elf {

enum class SegmentType : u32 { null = 0, load = 1, dynamic = 2, interpreter = 3, note = 4, headers = 6, gnu_stack = 0x6474e551 };

constexpr u32 segment_execute = 1;
constexpr u32 segment_write = 2;
constexpr u32 segment_read = 4;

struct ProgramHeader {
    u32 type;
    u32 flags;
    u64 offset;
    u64 virtual_address;
    u64 physical_address;
    u64 file_size;
    u64 memory_size;
    u64 alignment;
};
static_assert(sizeof(ProgramHeader) == 56);

constexpr usize max_program_headers = 64;
constexpr usize max_segments = 16;

struct Program {
    bool position_independent = false;
    u64 entry = 0;
    u64 headers_address = 0;  // of the program headers in memory, for AT_PHDR
    u16 header_count = 0;
    u64 low = 0;   // page aligned span of all segments
    u64 high = 0;
    u64 alignment = 1;  // the largest that a segment asks for, a power of two
    u64 interpreter_offset = 0;
    u64 interpreter_size = 0;  // with its NUL; 0: statically linked
    std::array<ProgramHeader, max_segments> segments{};  // to be mapped, by ascending address
    usize segment_count = 0;

    std::span<const ProgramHeader> loadable() const { return std::span(segments).first(segment_count); }
};

// Checks the file header. Errno::noexec for anything that is not an arm64 program.
Result<FileHeader> check_program_header(std::span<const std::byte> start);

// Checks the program headers against the file's size and the user address space [0, limit).
Result<Program> parse_program(const FileHeader& header, std::span<const ProgramHeader> headers, u64 file_size, u64 limit);

}  // namespace tenon::elf
