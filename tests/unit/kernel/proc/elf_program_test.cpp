#include "kernel/proc/elf_program.h"

#include <cstring>
#include <vector>

#include <gtest/gtest.h>

namespace tenon::elf {
namespace {

constexpr u64 file_size = 0x10000;
constexpr u64 limit = u64{1} << 47;

FileHeader good_header()
{
    FileHeader header{};
    std::memcpy(header.ident, magic, sizeof magic);
    header.ident[4] = class_64;
    header.ident[5] = data_little_endian;
    header.type = static_cast<u16>(FileType::executable);
    header.machine = static_cast<u16>(Machine::aarch64);
    header.version = version_current;
    header.entry = 0x400100;
    header.program_offset = 64;
    header.program_entry_size = sizeof(ProgramHeader);
    header.program_count = 2;
    return header;
}

ProgramHeader text_segment()
{
    return {.type = static_cast<u32>(SegmentType::load), .flags = segment_read | segment_execute, .offset = 0,
            .virtual_address = 0x400000, .physical_address = 0, .file_size = 0x8123, .memory_size = 0x8123, .alignment = 0x10000};
}

ProgramHeader data_segment()
{
    return {.type = static_cast<u32>(SegmentType::load), .flags = segment_read | segment_write, .offset = 0x8f00,
            .virtual_address = 0x418f00, .physical_address = 0, .file_size = 0x200, .memory_size = 0x3000, .alignment = 0x10000};
}

Result<FileHeader> check(const FileHeader& header)
{
    return check_program_header(std::as_bytes(std::span(&header, 1)));
}

Result<Program> parse(std::vector<ProgramHeader> headers)
{
    return parse_program(good_header(), headers, file_size, limit);
}

TEST(ElfProgram, AcceptsAProgram)
{
    EXPECT_TRUE(check(good_header()));
    const auto program = parse({text_segment(), data_segment()});
    ASSERT_TRUE(program);
    EXPECT_EQ(program->low, 0x400000u);
    EXPECT_EQ(program->high, 0x41c000u);
    EXPECT_EQ(program->headers_address, 0x400040u);
    EXPECT_EQ(program->loadable().size(), 2u);
    EXPECT_EQ(program->alignment, 0x10000u);
    EXPECT_FALSE(program->position_independent);
}

TEST(ElfProgram, TakesNoAlignmentThatIsNone)
{
    ProgramHeader text = text_segment();
    for (const u64 alignment : {u64{0}, u64{0x3000}, ~u64{0}}) {
        text.alignment = alignment;
        const auto program = parse({text});
        ASSERT_TRUE(program);
        EXPECT_EQ(program->alignment, 1u);
    }
}

TEST(ElfProgram, RefusesOtherFiles)
{
    EXPECT_FALSE(check_program_header({}));
    const auto refuse = [](auto change) {
        FileHeader header = good_header();
        change(header);
        const auto checked = check(header);
        ASSERT_FALSE(checked);
        EXPECT_EQ(checked.error(), Errno::noexec);
    };
    refuse([](FileHeader& header) { header.ident[1] = 'x'; });
    refuse([](FileHeader& header) { header.ident[4] = 1; });
    refuse([](FileHeader& header) { header.ident[5] = 2; });
    refuse([](FileHeader& header) { header.machine = static_cast<u16>(Machine::x86_64); });
    refuse([](FileHeader& header) { header.type = static_cast<u16>(FileType::relocatable); });
    refuse([](FileHeader& header) { header.program_entry_size = 32; });
    refuse([](FileHeader& header) { header.program_count = 0; });
    refuse([](FileHeader& header) { header.program_count = 65; });
}

TEST(ElfProgram, RefusesBadSegments)
{
    const auto refuse = [](auto change) {
        ProgramHeader segment = data_segment();
        change(segment);
        const auto program = parse({text_segment(), segment});
        ASSERT_FALSE(program);
        EXPECT_EQ(program.error(), Errno::noexec);
    };
    refuse([](ProgramHeader& segment) { segment.offset = file_size - 0x100; });
    refuse([](ProgramHeader& segment) { segment.file_size = ~u64{0}; });
    refuse([](ProgramHeader& segment) { segment.file_size = segment.memory_size + 1; });
    refuse([](ProgramHeader& segment) { segment.virtual_address += 8; });
    refuse([](ProgramHeader& segment) { segment.virtual_address = limit - 0x100; });
    refuse([](ProgramHeader& segment) { segment.memory_size = ~u64{0} - 0x1000; });
    refuse([](ProgramHeader& segment) { segment.virtual_address = 0x300f00; });
    EXPECT_FALSE(parse({}));
}

TEST(ElfProgram, FindsTheInterpreter)
{
    ProgramHeader interpreter{};
    interpreter.type = static_cast<u32>(SegmentType::interpreter);
    interpreter.offset = 0x238;
    interpreter.file_size = 27;
    const auto program = parse({interpreter, text_segment()});
    ASSERT_TRUE(program);
    EXPECT_EQ(program->interpreter_offset, 0x238u);
    EXPECT_EQ(program->interpreter_size, 27u);
    interpreter.offset = file_size;
    EXPECT_FALSE(parse({interpreter, text_segment()}));
}

}  // namespace
}  // namespace tenon::elf
