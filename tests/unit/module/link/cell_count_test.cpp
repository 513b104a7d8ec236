#include "module/link/cell_count.h"

#include <cstring>
#include <memory>

#include <gtest/gtest.h>

#include "arch/arm64/reloc/relocator.h"
#include "tests/support/failing_new.h"
#include "tests/support/object_builder.h"

// How much room a layout keeps for veneers and GOT entries: never too little, and none for what needs none.

namespace tenon::modlink {
namespace {

using test::ObjectBuilder;

constexpr u32 data_abs64 = 257, page_of_symbol = 275, direct_call = 283, got_offset = 307, got_entry_page = 311;

struct Counted {
    u32 stubs;
    u32 slots;
    bool operator==(const Counted&) const = default;
};

Counted count(ObjectBuilder& builder, LayoutOptions options)
{
    const std::vector<std::byte> file = builder.build();
    elf::FirstReason reasons;
    const auto view = elf::ObjectView::parse(file, reasons);
    const auto layout = Layout::plan(view.value(), arch::arm64::relocator(), options, reasons);
    EXPECT_TRUE(layout) << reasons.view();
    return {layout->region(Region::text).stub_count, layout->region(Region::rodata).slot_count};
}

// One entry that needs something among many that need nothing, wherever it stands.
TEST(CellCounting, FindsTheOneThatNeedsSomething)
{
    for (const usize entries : {1, 7, 8, 9, 15, 16, 17, 24})
        for (usize which = 0; which < entries; ++which) {
            ObjectBuilder builder;
            const u32 text = builder.text(".text", 64);
            const u32 symbol = builder.symbol({.name = "symbol"});
            for (usize entry = 0; entry < entries; ++entry)
                builder.relocation(text, entry * 8, entry == which ? direct_call : data_abs64, symbol);
            EXPECT_EQ(count(builder, {.reach = Reach::far}), (Counted{1, 0})) << which << " of " << entries;
        }
}

// A veneer is kept for a branch that may be far and for an ADRP that may be wrong, a GOT entry for who asks for one, and nothing for others.
TEST(CellCounting, EveryTypeGetsItsOwnKindAlone)
{
    struct {
        u32 type;
        Counted near, far, erratum;
    } const rules[] = {
        {data_abs64, {0, 0}, {0, 0}, {0, 0}},     {page_of_symbol, {0, 0}, {0, 0}, {1, 0}}, {direct_call, {0, 0}, {1, 0}, {0, 0}},
        {got_offset, {0, 1}, {0, 1}, {0, 1}},     {got_entry_page, {0, 1}, {0, 1}, {1, 1}},
    };
    for (const auto& rule : rules) {
        const auto counted = [&](LayoutOptions options) {
            ObjectBuilder builder;
            builder.relocation(builder.text(".text", 64), 0, rule.type, builder.symbol({.name = "symbol"}));
            return count(builder, options);
        };
        EXPECT_EQ(counted({}), rule.near) << rule.type;
        EXPECT_EQ(counted({.reach = Reach::far}), rule.far) << rule.type;
        EXPECT_EQ(counted({.erratum = Erratum843419::avoid}), rule.erratum) << rule.type;
    }
}

// The GOT has an address even if it has no entry, and needs no other than those asked for.
TEST(CellCounting, WhoAsksForTheGotGetsOneEntryAtLeast)
{
    for (const u32 entries : {0u, 1u, 3u}) {
        ObjectBuilder builder;
        const u32 text = builder.text(".text", 64);
        builder.relocation(text, 0, got_offset, builder.symbol({.name = "offset"}));
        for (u32 entry = 0; entry < entries; ++entry)
            builder.relocation(text, 8 + entry * 4, got_entry_page, builder.symbol({.name = "entry" + std::to_string(entry)}));
        EXPECT_EQ(count(builder, {}), (Counted{0, std::max(entries, 1u)}));
    }
}

// Two ADRPs of a page stand where the erratum is; no more veneers than ADRPs, nor than such places.
TEST(CellCounting, AsManyVeneersAsPlacesOfTheErratum)
{
    const auto veneers = [](usize bytes, usize adrps) {
        ObjectBuilder builder;
        const u32 text = builder.text(".text", bytes / 4);
        const u32 symbol = builder.symbol({.name = "symbol"});
        for (usize index = 0; index < adrps; ++index)
            builder.relocation(text, index * 4, page_of_symbol, symbol);
        return count(builder, {.erratum = Erratum843419::avoid}).stubs;
    };
    EXPECT_EQ(veneers(10 * 4096, 1), 1u);
    EXPECT_EQ(veneers(10 * 4096, 3), 3u);
    // Whole pages, and two more of which the section may have a part.
    for (const usize pages : {1, 4, 5, 10}) {
        EXPECT_EQ(veneers(pages * 4096, pages * 1024), (pages + 2) * 2) << pages;
        EXPECT_EQ(veneers(pages * 4096 - 4, pages * 1024 - 1), (pages + 1) * 2) << pages;
    }
}

// An index outside the table is refused later and gets nothing now.
TEST(CellCounting, BadSymbolsGetNothing)
{
    for (const u32 symbol : {2u, 3u, 0xffffffffu}) {
        ObjectBuilder builder;
        const u32 text = builder.text(".text", 4);
        builder.symbol({.name = "the only one"});
        builder.relocation(text, 0, direct_call, symbol);
        EXPECT_EQ(count(builder, {.reach = Reach::far}), (Counted{0, 0})) << symbol;
    }
}

// A table of relocations may be the end of the file: nothing behind it is looked at, which the address sanitizer sees.
TEST(CellCounting, EndsWithTheTable)
{
    ObjectBuilder builder;
    const u32 data = builder.data(".data", 64);
    const u32 symbol = builder.symbol({.name = "symbol"});
    for (u64 offset = 0; offset < 64; offset += 8)
        builder.relocation(data, offset, data_abs64, symbol);
    builder.finish();
    const u32 table = builder.relocations_of(data);
    const std::vector<std::byte> built = builder.build();
    elf::FileHeader header;
    std::memcpy(&header, built.data(), sizeof(header));
    elf::SectionHeader section;
    const usize section_at = static_cast<usize>(header.section_offset) + table * sizeof(section);
    std::memcpy(&section, built.data() + section_at, sizeof(section));
    const usize size = static_cast<usize>(section.size);
    const std::unique_ptr<std::byte[]> file(new std::byte[built.size() + size]);
    std::memcpy(file.get(), built.data(), built.size());
    std::memcpy(file.get() + built.size(), built.data() + section.offset, size);
    section.offset = built.size();
    std::memcpy(file.get() + section_at, &section, sizeof(section));
    elf::FirstReason reasons;
    const auto view = elf::ObjectView::parse({file.get(), built.size() + size}, reasons);
    ASSERT_TRUE(view) << reasons.view();
    EXPECT_TRUE(Layout::plan(*view, arch::arm64::relocator(), {.reach = Reach::far}, reasons));
}

// Most objects need no cell: they pay for no table of their symbols.
TEST(CellCounting, NothingIsAllocatedForNothing)
{
    ObjectBuilder builder;
    const u32 data = builder.data(".data", 16);
    const u32 symbol = builder.symbol({.name = "symbol"});
    builder.relocation(data, 0, data_abs64, symbol);
    builder.relocation(data, 8, data_abs64, symbol);
    const std::vector<std::byte> file = builder.build();
    elf::FirstReason reasons;
    const auto view = elf::ObjectView::parse(file, reasons);
    const test::FailingNew second(2);  // the first is the layout's own
    EXPECT_TRUE(Layout::plan(view.value(), arch::arm64::relocator(), {.reach = Reach::far}, reasons));
    EXPECT_FALSE(second.has_failed());
}

}  // namespace
}  // namespace tenon::modlink
