#include "module/link/layout.h"

#include <gtest/gtest.h>

#include "arch/arm64/reloc/relocator.h"
#include "tests/support/object_builder.h"

namespace tenon::modlink {
namespace {

using elf::SectionType;
using test::ObjectBuilder;

constexpr u64 alloc = elf::section_alloc;
constexpr u64 write = elf::section_write;
constexpr u64 exec = elf::section_exec;

struct Planned {
    std::vector<std::byte> file;
    elf::FirstReason reasons;
    Result<elf::ObjectView> view;
    Result<Layout> layout;

    explicit Planned(ObjectBuilder& builder, LayoutOptions options = {})
        : file(builder.build()), view(elf::ObjectView::parse(file, reasons)),
          layout(view ? Layout::plan(*view, arch::arm64::relocator(), options, reasons) : fail(Errno::inval))
    {
    }
};

std::optional<Region> region_of(std::string_view name, u64 flags, SectionType type = SectionType::progbits)
{
    ObjectBuilder builder;
    const u32 index = builder.section({.name = name, .type = type, .flags = flags});
    Planned planned(builder);
    EXPECT_TRUE(planned.layout) << planned.reasons.view();
    return planned.layout->section(index).region;
}

TEST(Layout, RegionsByFlagsAndNames)
{
    EXPECT_EQ(region_of(".text", alloc | exec), Region::text);
    EXPECT_EQ(region_of(".init.text", alloc | exec), Region::init_text);
    EXPECT_EQ(region_of(".exit.text", alloc | exec), Region::text);
    EXPECT_EQ(region_of(".rodata", alloc), Region::rodata);
    EXPECT_EQ(region_of(".init.rodata", alloc), Region::init_rodata);
    EXPECT_EQ(region_of(".data", alloc | write), Region::data);
    EXPECT_EQ(region_of(".init.data", alloc | write), Region::init_data);
    EXPECT_EQ(region_of(".data..ro_after_init", alloc | write), Region::ro_after_init);
    EXPECT_EQ(region_of(".bss", alloc | write, SectionType::nobits), Region::data);
    EXPECT_EQ(region_of(".note.gnu.build-id", alloc, SectionType::note), Region::rodata);
    EXPECT_EQ(region_of(".note.gnu.property", alloc, SectionType::note), std::nullopt);
    EXPECT_EQ(region_of(".init_array", alloc | write, SectionType::init_array), Region::init_data);
    EXPECT_EQ(region_of(".preinit_array", alloc | write, SectionType::preinit_array), Region::init_data);
    EXPECT_EQ(region_of(".fini_array", alloc | write, SectionType::fini_array), Region::data);
    EXPECT_EQ(region_of(".initial", alloc | write), Region::data);
    EXPECT_EQ(region_of("", alloc), Region::rodata);
    EXPECT_EQ(region_of(".modinfo", alloc), std::nullopt);
    EXPECT_EQ(region_of("__versions", alloc), std::nullopt);
    EXPECT_EQ(region_of(".comment", 0), std::nullopt);
}

LandingPads pads_with(std::vector<u32> note, SectionType type = SectionType::note)
{
    ObjectBuilder builder;
    builder.section({.name = ".text", .flags = alloc | exec});
    builder.section({.name = ".note.gnu.property", .type = type, .flags = alloc}, std::as_bytes(std::span(note)));
    Planned planned(builder);
    EXPECT_TRUE(planned.layout) << planned.reasons.view();
    return planned.layout->landing_pads();
}

TEST(Layout, LandingPadsByThePropertyNote)
{
    constexpr u32 gnu = 0x0055'4e47;
    constexpr u32 aarch64_features = 0xc000'0000;
    EXPECT_EQ(pads_with({4, 16, 5, gnu, aarch64_features, 4, 1, 0}), LandingPads::everywhere);
    EXPECT_EQ(pads_with({4, 16, 5, gnu, aarch64_features, 4, 2, 0}), LandingPads::none) << "PAC alone";
    EXPECT_EQ(pads_with({4, 16, 5, gnu, 0xc000'0002, 4, 1, 0}), LandingPads::none) << "those of x86";
    EXPECT_EQ(pads_with({}), LandingPads::none);
    EXPECT_EQ(pads_with({4, 16, 5, gnu, aarch64_features, 4, 1, 0}, SectionType::progbits), LandingPads::none);
}

// The property note is read and left out; other notes are the module's own.
TEST(Layout, OtherNotesAreLoaded)
{
    const std::vector<u32> property{4, 16, 5, 0x0055'4e47, 0xc000'0000, 4, 1, 0};
    ObjectBuilder builder;
    const u32 pads = builder.section({.name = ".note.gnu.property", .type = SectionType::note, .flags = alloc}, std::as_bytes(std::span(property)));
    const u32 other = builder.section({.name = ".note.tenon", .type = SectionType::note, .flags = alloc}, std::as_bytes(std::span(property)));
    Planned planned(builder);
    ASSERT_TRUE(planned.layout) << planned.reasons.view();
    EXPECT_EQ(planned.layout->section(pads).region, std::nullopt);
    EXPECT_EQ(planned.layout->section(other).region, Region::rodata);
}

// Names count from their first character.
TEST(Layout, NamesThatEndAlikeMeanNothing)
{
    EXPECT_EQ(region_of("xinit.text", alloc | exec), Region::text);
    EXPECT_EQ(region_of("xmodinfo", alloc), Region::rodata);
    EXPECT_EQ(region_of("x_versions", alloc), Region::rodata);
    EXPECT_EQ(region_of("xdata..ro_after_init", alloc | write), Region::data);
}

TEST(Layout, KnowsWhereStartFunctionsMayBe)
{
    const auto has = [](std::string_view name, SectionType type) {
        ObjectBuilder builder;
        builder.section({.name = name, .type = type, .flags = alloc | write}, std::vector<std::byte>(8));
        return Planned(builder).layout->has_start_sections();
    };
    for (const SectionType type : {SectionType::init_array, SectionType::fini_array, SectionType::preinit_array})
        EXPECT_TRUE(has(".functions", type));
    for (const std::string_view name : {".ctors", ".dtors", ".ctors.1"})
        EXPECT_TRUE(has(name, SectionType::progbits)) << name;
    for (const std::string_view name : {".data", ".bss", ".text", ".init.data", "xctors", "ct", ".tt", ".cc", ".dd"})
        EXPECT_FALSE(has(name, SectionType::progbits)) << name;
}

TEST(Layout, CountsWhatIsNotEmpty)
{
    ObjectBuilder builder;
    for (const usize size : {0, 1, 8, 16})
        builder.section({.name = ".data", .flags = alloc | write}, std::vector<std::byte>(size));
    builder.section({.name = ".bss", .type = SectionType::nobits, .flags = alloc | write, .nobits_size = 1});
    builder.section({.name = ".comment", .flags = 0}, std::vector<std::byte>(8));
    EXPECT_EQ(Planned(builder).layout->nonempty_count(), 4u);
}

// What is not loaded, or has no relocations, is not visited, whatever its header says of other sections.
TEST(Layout, VisitsWhatIsThere)
{
    ObjectBuilder builder;
    const u32 debug = builder.section({.name = ".debug", .flags = 0}, std::vector<std::byte>(8));
    builder.section({.name = ".comment", .flags = 0}, std::vector<std::byte>(8));
    const auto visits = [&] {
        Planned planned(builder);
        EXPECT_TRUE(planned.layout) << planned.reasons.view();
        unsigned loaded = 0;
        unsigned relocated = 0;
        EXPECT_TRUE(planned.layout->for_each_loaded(*planned.view, [&](auto&&...) { return ++loaded, Result<>(); }));
        EXPECT_TRUE(planned.layout->for_each_relocated(*planned.view, [&](auto&&...) { return ++relocated, Result<>(); }));
        return std::pair(loaded, relocated);
    };
    EXPECT_EQ(visits(), std::pair(0u, 0u));
    builder = ObjectBuilder();
    builder.section({.name = ".debug", .flags = 0}, std::vector<std::byte>(8));
    const u32 data = builder.data(".data", 8);
    builder.header(debug).info = data;
    EXPECT_EQ(visits(), std::pair(1u, 0u));
}

// No alignment, 0, is that of a byte (gABI, "Section Header").
TEST(Layout, AlignmentZeroIsOne)
{
    ObjectBuilder builder;
    builder.section({.name = ".data.a", .flags = alloc | write, .alignment = 1}, std::vector<std::byte>(5));
    const u32 second = builder.section({.name = ".data.b", .flags = alloc | write, .alignment = 0}, std::vector<std::byte>(3));
    Planned planned(builder);
    ASSERT_TRUE(planned.layout) << planned.reasons.view();
    EXPECT_EQ(planned.layout->section(second).offset, 5u);
}

TEST(Layout, KeepsOrderAndAlignment)
{
    ObjectBuilder builder;
    const u32 first = builder.section({.name = ".data.a", .flags = alloc | write, .alignment = 1}, std::vector<std::byte>(5));
    const u32 second = builder.section({.name = ".data.b", .flags = alloc | write, .alignment = 64}, std::vector<std::byte>(3));
    const u32 third = builder.section({.name = ".bss", .type = SectionType::nobits, .flags = alloc | write, .alignment = 16,
                                       .nobits_size = 100});
    Planned planned(builder);
    ASSERT_TRUE(planned.layout) << planned.reasons.view();
    EXPECT_EQ(planned.layout->section(first).offset, 0u);
    EXPECT_EQ(planned.layout->section(second).offset, 64u);
    EXPECT_EQ(planned.layout->section(third).offset, 80u);
    EXPECT_EQ(planned.layout->region(Region::data).size, 180u);
    EXPECT_EQ(planned.layout->region(Region::data).alignment, 64u);
    EXPECT_EQ(planned.layout->region(Region::text).size, 0u);
}

TEST(Layout, RefusesWhatMayNotBeLoaded)
{
    const auto reason = [](const ObjectBuilder::SectionSpec& spec) {
        ObjectBuilder builder;
        builder.section(spec);
        Planned planned(builder);
        EXPECT_FALSE(planned.layout);
        EXPECT_EQ(planned.layout.error(), Errno::noexec);
        return std::string(planned.reasons.view());
    };
    EXPECT_NE(reason({.name = ".wx", .flags = alloc | write | exec}).find("writable and executable"), std::string::npos);
    EXPECT_NE(reason({.name = ".tdata", .flags = alloc | write | elf::section_tls}).find("thread-local"), std::string::npos);
    EXPECT_NE(reason({.name = ".z", .flags = alloc | elf::section_compressed}).find("compressed"), std::string::npos);
    EXPECT_NE(reason({.name = ".d", .flags = alloc, .alignment = 3}).find("alignment"), std::string::npos);
    EXPECT_NE(reason({.name = ".d", .flags = alloc, .alignment = 1 << 20}).find("alignment"), std::string::npos);
    EXPECT_NE(reason({.name = ".h", .type = SectionType::hash, .flags = alloc}).find("type may not be loaded"), std::string::npos);
    EXPECT_NE(reason({.name = ".bss", .type = SectionType::nobits, .flags = alloc | write, .nobits_size = ~u64{0}}).find("grows beyond"),
              std::string::npos);
}

TEST(Layout, AlignmentsUpTo64KiB)
{
    const auto is_planned = [](u64 alignment) {
        ObjectBuilder builder;
        builder.section({.name = ".d", .flags = alloc, .alignment = alignment}, std::vector<std::byte>(8));
        Planned planned(builder);
        return planned.layout && planned.layout->region(Region::rodata).alignment == alignment;
    };
    EXPECT_TRUE(is_planned(1));
    EXPECT_TRUE(is_planned(64 * 1024));
    EXPECT_FALSE(is_planned(128 * 1024));
}

TEST(Layout, SumsDoNotOverflow)
{
    ObjectBuilder builder;
    for (int count = 0; count < 3; ++count)
        builder.section({.name = ".bss", .type = SectionType::nobits, .flags = alloc | write, .nobits_size = u64{1} << 30});
    Planned planned(builder);
    EXPECT_FALSE(planned.layout);
    EXPECT_NE(planned.reasons.view().find("region data grows beyond"), std::string_view::npos) << planned.reasons.view();
}

TEST(Layout, RefusesAnotherMachine)
{
    ObjectBuilder builder(elf::Machine::x86_64);
    Planned planned(builder);
    ASSERT_FALSE(planned.layout);
    EXPECT_EQ(planned.layout.error(), Errno::noexec);
    EXPECT_EQ(planned.reasons.view(), "made for another machine (ELF machine 62 instead of 183)");
}

// Two functions call three others; what needs cells is counted once per symbol and life time.
struct Calls {
    ObjectBuilder builder;
    u32 text = builder.text(".text", 8);
    u32 init = builder.text(".init.text", 8);

    Calls()
    {
        const u32 one = builder.symbol({.name = "one"});
        const u32 two = builder.symbol({.name = "two"});
        for (u64 at = 0; at < 16; at += 4)
            builder.relocation(text, at, 283, at % 8 == 0 ? one : two);
        builder.relocation(text, 16, 283, one, 8);
        builder.relocation(init, 0, 283, one);
        builder.relocation(init, 4, 311, two);
        builder.relocation(init, 8, 312, two);
    }
};

TEST(Layout, NearNeedsNoVeneers)
{
    Calls calls;
    Planned planned(calls.builder);
    ASSERT_TRUE(planned.layout);
    EXPECT_EQ(planned.layout->region(Region::text).stub_count, 0u);
    EXPECT_EQ(planned.layout->region(Region::text).size, 32u);
    EXPECT_EQ(planned.layout->region(Region::init_rodata).slot_count, 1u);
    EXPECT_EQ(planned.layout->region(Region::init_rodata).size, 8u);
}

TEST(Layout, FarReservesVeneersPerLifetime)
{
    Calls calls;
    Planned planned(calls.builder, {.reach = Reach::far});
    ASSERT_TRUE(planned.layout);
    EXPECT_EQ(planned.layout->region(Region::text).stub_count, 3u);
    EXPECT_EQ(planned.layout->region(Region::text).stub_offset, 32u);
    EXPECT_EQ(planned.layout->region(Region::text).size, 32u + 3 * 24);
    EXPECT_EQ(planned.layout->region(Region::init_text).stub_count, 1u);
}

TEST(Layout, ErratumReservesForTwoPlacesPerPage)
{
    ObjectBuilder builder;
    const u32 text = builder.text(".text", 3000);
    const u32 symbol = builder.symbol({.name = "data", .section = static_cast<u16>(text)});
    for (u64 at = 0; at < 400; at += 4)
        builder.relocation(text, at, 275, symbol);
    Planned ignored(builder);
    EXPECT_EQ(ignored.layout->region(Region::text).stub_count, 0u);
    Planned avoided(builder, {.erratum = Erratum843419::avoid});
    EXPECT_EQ(avoided.layout->region(Region::text).stub_count, 2u * (12000 / 4096 + 2));
}

TEST(Layout, BadSymbolIndicesDoNotDisturbTheCount)
{
    ObjectBuilder builder;
    const u32 text = builder.text(".text", 4);
    builder.relocation(text, 0, 283, 0xffffffff);
    Planned planned(builder, {.reach = Reach::far});
    EXPECT_TRUE(planned.layout);
}

}  // namespace
}  // namespace tenon::modlink
