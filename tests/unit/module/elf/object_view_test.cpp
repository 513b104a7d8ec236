#include "module/elf/object_view.h"

#include <cstring>

#include <gtest/gtest.h>

#include "tests/support/object_builder.h"

namespace tenon::elf {
namespace {

using test::ObjectBuilder;

// Counts how often each byte is read, as user memory must be read at most once.
class CountingSource final : public Source {
public:
    explicit CountingSource(std::span<const std::byte> bytes) : bytes_(bytes), reads(bytes.size()) {}
    u64 size() const override { return bytes_.size(); }
    Result<> read(u64 offset, std::span<std::byte> into) override
    {
        for (usize index = 0; index < into.size(); ++index) {
            into[index] = bytes_[static_cast<usize>(offset) + index];
            ++reads[static_cast<usize>(offset) + index];
        }
        return {};
    }

private:
    std::span<const std::byte> bytes_;

public:
    std::vector<unsigned> reads;
};

struct Sample {
    ObjectBuilder builder;
    u32 text = builder.text(".text", 4);
    u32 data = builder.data(".data", 32);
    u32 function = builder.symbol({.name = "function", .section = static_cast<u16>(text)});
    u32 missing = builder.symbol({.name = "missing"});

    Sample()
    {
        const std::string_view modinfo("name=sample\0license=BSD\0", 24);
        builder.section({.name = ".modinfo", .alignment = 1}, std::as_bytes(std::span(modinfo)));
        builder.relocation(data, 8, 257, function, 4);
        builder.relocation(text, 0, 283, missing);
        builder.finish();
    }
};

// Both ways of reading must say the same.
std::string reason_of(std::span<const std::byte> file)
{
    FirstReason contiguous;
    const auto view = ObjectView::parse(file, contiguous);
    FirstReason piecewise;
    CountingSource source(file);
    const auto copied = ObjectView::read(source, piecewise);
    EXPECT_EQ(view.has_value(), copied.has_value());
    EXPECT_EQ(contiguous.view(), piecewise.view());
    if (!view) {
        EXPECT_EQ(view.error(), Errno::noexec);
    }
    EXPECT_EQ(view.has_value(), contiguous.view().empty());
    return std::string(contiguous.view());
}

#define EXPECT_REFUSED(file, words) EXPECT_NE(reason_of(file).find(words), std::string::npos) << reason_of(file)

TEST(ObjectView, SeesWhatTheFileSays)
{
    Sample sample;
    const auto file = sample.builder.build();
    FirstReason reasons;
    const auto view = ObjectView::parse(file, reasons);
    ASSERT_TRUE(view) << reasons.view();
    EXPECT_EQ(view->machine(), Machine::aarch64);
    EXPECT_EQ(view->section_name(sample.text), ".text");
    EXPECT_EQ(view->find_section(".data"), sample.data);
    EXPECT_EQ(view->find_section(".bss"), std::nullopt);
    ASSERT_EQ(view->symbols().size(), 3u);
    EXPECT_EQ(view->symbol_name(view->symbols()[sample.missing]), "missing");
    const auto relocations = view->relocations(sample.builder.relocations_of(sample.data));
    ASSERT_EQ(relocations.size(), 1u);
    EXPECT_EQ(relocations[0].type(), 257u);
    EXPECT_EQ(relocations[0].symbol(), sample.function);
    EXPECT_EQ(view->contents(sample.data).size(), 32u);
    EXPECT_EQ(view->modinfo().size(), 24u);
}

TEST(ObjectView, ReadsMetadataOnceAndSectionsNever)
{
    Sample sample;
    const auto file = sample.builder.build();
    CountingSource source(file);
    FirstReason reasons;
    const auto view = ObjectView::read(source, reasons);
    ASSERT_TRUE(view) << reasons.view();
    for (const unsigned count : source.reads)
        EXPECT_LE(count, 1u);
    for (const u32 index : {sample.text, sample.data}) {
        const SectionHeader& section = view->section(index);
        for (u64 at = section.offset; at < section.offset + section.size; ++at)
            EXPECT_EQ(source.reads[static_cast<usize>(at)], 0u);
        EXPECT_TRUE(view->contents(index).empty());
    }
    EXPECT_EQ(view->symbol_name(view->symbols()[sample.function]), "function");
    EXPECT_EQ(view->relocations(sample.builder.relocations_of(sample.text)).size(), 1u);
    EXPECT_EQ(std::string_view(view->modinfo().data()), "name=sample");
}

TEST(ObjectView, EveryTruncationIsRefused)
{
    Sample sample;
    const auto file = sample.builder.build();
    for (usize size = 0; size < file.size(); ++size)
        EXPECT_FALSE(reason_of(std::span(file).first(size)).empty()) << size;
}

TEST(ObjectView, ForeignFilesAreNamed)
{
    std::vector<std::byte> file(256);
    const auto starts_with = [&](std::initializer_list<int> bytes) {
        std::transform(bytes.begin(), bytes.end(), file.begin(), [](int byte) { return static_cast<std::byte>(byte); });
        return std::span<const std::byte>(file);
    };
    EXPECT_REFUSED(starts_with({0x28, 0xb5, 0x2f, 0xfd}), "zstd-compressed");
    EXPECT_REFUSED(starts_with({0xfd, '7', 'z', 'X', 'Z', 0}), "xz-compressed");
    EXPECT_REFUSED(starts_with({0x1f, 0x8b}), "gzip-compressed");
    EXPECT_REFUSED(starts_with({'#', '!'}), "wrong magic number");
    EXPECT_REFUSED(std::span<const std::byte>(), "wrong magic number");
}

TEST(ObjectView, HeaderFields)
{
    const auto spoilt = [](auto change) {
        Sample sample;
        change(sample.builder.file_header());
        return sample.builder.build();
    };
    EXPECT_REFUSED(spoilt([](FileHeader& h) { h.ident[4] = 1; }), "not a 64-bit");
    EXPECT_REFUSED(spoilt([](FileHeader& h) { h.ident[5] = 2; }), "not a 64-bit");
    EXPECT_REFUSED(spoilt([](FileHeader& h) { h.type = 3; }), "not a relocatable object");
    EXPECT_REFUSED(spoilt([](FileHeader& h) { h.section_entry_size = 40; }), "section headers of 40 bytes");
    EXPECT_REFUSED(spoilt([](FileHeader& h) { h.section_count = 0; }), "section count 0");
    EXPECT_REFUSED(spoilt([](FileHeader& h) { h.section_count = 0xff00; }), "section count 65280");
    EXPECT_REFUSED(spoilt([](FileHeader& h) { h.section_count = 0x7fff; }), "ends outside the file");
    EXPECT_REFUSED(spoilt([](FileHeader& h) { h.section_offset = ~u64{0}; }), "ends outside the file");
    EXPECT_REFUSED(spoilt([](FileHeader& h) { h.section_offset -= 4; }), "not aligned");
    EXPECT_REFUSED(spoilt([](FileHeader& h) { h.section_names = h.section_count; }), "outside the table");
    EXPECT_REFUSED(spoilt([](FileHeader& h) { h.section_names = 0; }), "outside the table");
    EXPECT_REFUSED(spoilt([](FileHeader& h) { h.section_names = 1; }), "no string table");
}

// `change` gets the builder of a finished sample.
template <typename Change>
std::vector<std::byte> spoilt_sections(Change change)
{
    Sample sample;
    change(sample.builder, sample);
    return sample.builder.build();
}

TEST(ObjectView, SectionHeaders)
{
    using B = ObjectBuilder;
    EXPECT_REFUSED(spoilt_sections([](B& b, Sample&) { b.header(0).size = 1; }), "null section");
    EXPECT_REFUSED(spoilt_sections([](B& b, Sample&) { b.header(0).type = 1; }), "null section");
    EXPECT_REFUSED(spoilt_sections([](B& b, Sample& s) { b.header(s.data).name = 100000; }), "name offset 100000");
    EXPECT_REFUSED(spoilt_sections([](B& b, Sample& s) { b.header(s.data).offset = 1 << 20; }), "outside the file");
    EXPECT_REFUSED(spoilt_sections([](B& b, Sample& s) { b.header(s.data).offset = ~u64{0} - 8; }), "outside the file");
    EXPECT_REFUSED(spoilt_sections([](B& b, Sample& s) { b.header(s.data).size = ~u64{0}; }), "outside the file");
    EXPECT_REFUSED(spoilt_sections([](B& b, Sample&) { b.header(b.name_table()).size = 0; }), "is empty");
    EXPECT_REFUSED(spoilt_sections([](B& b, Sample&) { --b.header(b.name_table()).size; }), "not terminated");
}

TEST(ObjectView, SymbolTable)
{
    using B = ObjectBuilder;
    const auto symtab = [](B& b) -> SectionHeader& { return b.header(b.symbol_table()); };
    EXPECT_REFUSED(spoilt_sections([&](B& b, Sample&) { symtab(b).entry_size = 16; }), "no array of symbols");
    EXPECT_REFUSED(spoilt_sections([&](B& b, Sample&) { symtab(b).size -= 1; }), "no array of symbols");
    EXPECT_REFUSED(spoilt_sections([&](B& b, Sample&) { symtab(b).size = 0; }), "no array of symbols");
    EXPECT_REFUSED(spoilt_sections([&](B& b, Sample&) { symtab(b).offset += 4; symtab(b).size -= 24; }), "no array of symbols");
    EXPECT_REFUSED(spoilt_sections([&](B& b, Sample&) { symtab(b).link = b.file_header().section_count; }), "no string table");
    EXPECT_REFUSED(spoilt_sections([&](B& b, Sample&) { symtab(b).link = 0; }), "no string table");
    EXPECT_REFUSED(spoilt_sections([&](B& b, Sample& s) { symtab(b).link = s.data; }), "no string table");
    EXPECT_REFUSED(spoilt_sections([](B& b, Sample&) { b.header(b.string_table()).size = 0; }), "is empty");
    EXPECT_REFUSED(spoilt_sections([](B& b, Sample&) { --b.header(b.string_table()).size; }), "not terminated");
    EXPECT_REFUSED(spoilt_sections([&](B& b, Sample& s) { b.header(s.data) = symtab(b); }), "two symbol tables");
}

TEST(ObjectView, RelocationSections)
{
    using B = ObjectBuilder;
    const auto rela = [](B& b, Sample& s) -> SectionHeader& { return b.header(b.relocations_of(s.data)); };
    EXPECT_REFUSED(spoilt_sections([&](B& b, Sample& s) { rela(b, s).info = b.file_header().section_count; }), "outside the table");
    EXPECT_REFUSED(spoilt_sections([&](B& b, Sample& s) { rela(b, s).link = b.file_header().section_count; }), "no symbol table");
    EXPECT_REFUSED(spoilt_sections([&](B& b, Sample& s) { rela(b, s).link = s.text; }), "no symbol table");
    EXPECT_REFUSED(spoilt_sections([&](B& b, Sample& s) { rela(b, s).entry_size = 16; }), "no array of relocations");
    EXPECT_REFUSED(spoilt_sections([&](B& b, Sample& s) { rela(b, s).size -= 8; }), "no array of relocations");
    EXPECT_REFUSED(spoilt_sections([&](B& b, Sample& s) { rela(b, s).type = static_cast<u32>(SectionType::rel); }), "REL");
    EXPECT_REFUSED(spoilt_sections([&](B& b, Sample& s) { b.header(s.data).type = static_cast<u32>(SectionType::nobits); }),
                   "without contents");
}

TEST(ObjectView, RelocationsOfUnloadedSectionsAreNobodysConcern)
{
    const auto file = spoilt_sections([](ObjectBuilder& b, Sample& s) {
        b.header(s.data).flags = 0;
        b.header(b.relocations_of(s.data)).entry_size = 1;
    });
    EXPECT_EQ(reason_of(file), "");
}

TEST(FirstReason, ListsUnresolvedSymbolsUnlessSomethingElseCameFirst)
{
    FirstReason list;
    list.unresolved("first");
    list.unresolved("second");
    list.reason("too late");
    EXPECT_EQ(list.view(), "unknown symbol first, second");
    EXPECT_EQ(list.unresolved_count(), 2u);

    FirstReason other;
    other.reason("gave up waiting for init of module m");
    other.unresolved("first");
    EXPECT_EQ(other.view(), "gave up waiting for init of module m");
    EXPECT_EQ(other.unresolved_count(), 1u);
}

TEST(ObjectView, SourceErrorsComeThrough)
{
    class Faulting final : public Source {
    public:
        u64 size() const override { return 4096; }
        Result<> read(u64, std::span<std::byte>) override { return fail(Errno::fault); }
    } source;
    FirstReason reasons;
    EXPECT_EQ(ObjectView::read(source, reasons).error(), Errno::fault);
}

}  // namespace
}  // namespace tenon::elf
