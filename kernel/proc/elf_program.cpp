#include "kernel/proc/elf_program.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "kernel/lib/checked.h"

namespace tenon::elf {

namespace {

constexpr u64 page = 4096;
constexpr u64 longest_interpreter = 4096;

constexpr SegmentType type_of(const ProgramHeader& header)
{
    return static_cast<SegmentType>(header.type);
}

Result<> check_segment(const ProgramHeader& segment, u64 file_size, u64 limit)
{
    const bool sound = range_fits(segment.offset, segment.file_size, file_size) &&
                       segment.file_size <= segment.memory_size &&
                       range_fits(segment.virtual_address, segment.memory_size, limit - page) &&
                       segment.offset % page == segment.virtual_address % page;
    if (!sound)
        return fail(Errno::noexec);
    return {};
}

Result<> add_segment(Program& program, const ProgramHeader& segment)
{
    if (program.segment_count == max_segments)
        return fail(Errno::noexec);
    if (program.segment_count == 0)
        program.low = align_down(segment.virtual_address, page);
    else if (segment.virtual_address < program.segments[program.segment_count - 1].virtual_address)
        return fail(Errno::noexec);
    program.high = std::max(program.high, align_up(segment.virtual_address + segment.memory_size, page));
    if (std::has_single_bit(segment.alignment))
        program.alignment = std::max(program.alignment, segment.alignment);
    program.segments[program.segment_count++] = segment;
    return {};
}

// Where the program headers themselves stand in memory: in the segment that contains their file offset.
u64 find_headers(const FileHeader& header, const Program& program)
{
    for (const ProgramHeader& segment : program.loadable())
        if (header.program_offset >= segment.offset && header.program_offset - segment.offset < segment.file_size)
            return segment.virtual_address + (header.program_offset - segment.offset);
    return 0;
}

}  // namespace

Result<FileHeader> check_program_header(std::span<const std::byte> start)
{
    FileHeader header;
    if (start.size() < sizeof header)
        return fail(Errno::noexec);
    std::memcpy(&header, start.data(), sizeof header);
    const auto type = static_cast<FileType>(header.type);
    const bool sound = std::memcmp(header.ident, magic, sizeof magic) == 0 && header.ident[4] == class_64 &&
                       header.ident[5] == data_little_endian && header.version == version_current &&
                       header.machine == static_cast<u16>(Machine::aarch64) &&
                       (type == FileType::executable || type == FileType::shared) &&
                       header.program_entry_size == sizeof(ProgramHeader) && header.program_count != 0 &&
                       header.program_count <= max_program_headers;
    if (!sound)
        return fail(Errno::noexec);
    return header;
}

Result<Program> parse_program(const FileHeader& header, std::span<const ProgramHeader> headers, u64 file_size, u64 limit)
{
    Program program;
    program.position_independent = static_cast<FileType>(header.type) == FileType::shared;
    program.entry = header.entry;
    program.header_count = header.program_count;
    for (const ProgramHeader& segment : headers) {
        if (type_of(segment) == SegmentType::load && segment.memory_size != 0) {
            TRY(check_segment(segment, file_size, limit));
            TRY(add_segment(program, segment));
        } else if (type_of(segment) == SegmentType::interpreter && program.interpreter_size == 0) {
            if (segment.file_size < 2 || segment.file_size > longest_interpreter ||
                !range_fits(segment.offset, segment.file_size, file_size))
                return fail(Errno::noexec);
            program.interpreter_offset = segment.offset;
            program.interpreter_size = segment.file_size;
        }
    }
    if (program.segment_count == 0)
        return fail(Errno::noexec);
    program.headers_address = find_headers(header, program);
    return program;
}

}  // namespace tenon::elf
