#include "module/link/image.h"

#include <map>
#include <memory>

#include <gtest/gtest.h>

#include "arch/arm64/reloc/relocator.h"
#include "module/elf/pieces.h"
#include "module/link/separate_regions.h"
#include "tests/support/object_builder.h"

// What a module's memory holds when the linker has filled it, and what is asked of whoever gives it.

namespace tenon::modlink {
namespace {

using test::ObjectBuilder;

constexpr u64 region_alloc = elf::section_alloc;

// Memory that holds something else before, and notes what is asked of it.
class DirtyMemory : public SeparateRegions {
public:
    Result<RegionBlock> allocate_one(Region region, u64 size, u64) override
    {
        if (region == refused)
            return fail(Errno::nomem);
        std::vector<std::byte>& bytes = contents[region];
        bytes.assign(static_cast<usize>(size + slack), std::byte{0xa5});
        return RegionBlock{place, {bytes.data(), static_cast<usize>(size + slack)}, size + size_error};
    }
    Result<> seal(Region region, RegionBlock&) override
    {
        events.push_back("seal " + std::string(region_name(region)));
        return {};
    }
    void publish_code() override { events.push_back("publish"); }
    void release(Region, const RegionBlock&) override {}

    std::map<Region, std::vector<std::byte>> contents;
    std::vector<std::string> events;
    std::optional<Region> refused;
    u64 place = 0x10000;
    u64 slack = 0;       // bytes more than asked for
    u64 size_error = 0;  // between what is asked for and what the block says
};

class CountingReasons final : public elf::FirstReason {
public:
    Result<> pause_point() override
    {
        ++pauses;
        return {};
    }

    unsigned pauses = 0;
};

// Reads the file piece by piece, as from a disk.
class FromDisk final : public elf::Source {
public:
    explicit FromDisk(std::span<const std::byte> bytes) : source_(bytes) {}
    u64 size() const override { return source_.size(); }
    Result<> read(u64 offset, std::span<std::byte> into) override { return source_.read(offset, into); }

private:
    elf::MemorySource source_;
};

struct PlacedObject {
    std::vector<std::byte> file;
    CountingReasons reasons;
    std::optional<Layout> layout;
    Image image;
    Result<SectionPlaces> places = fail(Errno::inval);

    PlacedObject(ObjectBuilder& builder, DirtyMemory& memory, LayoutOptions options = {}, bool on_disk = false) : file(builder.build())
    {
        elf::MemorySource in_memory(file);
        FromDisk disk(file);
        const elf::ObjectView view = elf::ObjectView::parse(file, reasons).value();
        layout.emplace(Layout::plan(view, arch::arm64::relocator(), options, reasons).value());
        reasons.pauses = 0;
        places = image.place(view, *layout, on_disk ? static_cast<elf::Source&>(disk) : in_memory, memory, reasons);
    }
};

std::vector<std::byte> counted(usize size)
{
    std::vector<std::byte> bytes(size);
    for (usize index = 0; index < size; ++index)
        bytes[index] = static_cast<std::byte>(index * 7 + index / 251);
    return bytes;
}

TEST(Image, HoldsTheFilesBytesHoweverLong)
{
    constexpr usize most = elf::bytes_between_pauses;
    for (const usize size : {usize{100}, most - 1, most, most + 1, most * 3})
        for (const bool on_disk : {false, true}) {
            ObjectBuilder builder;
            builder.section({.name = ".rodata"}, counted(size));
            DirtyMemory memory;
            PlacedObject placed(builder, memory, {}, on_disk);
            ASSERT_TRUE(placed.places);
            EXPECT_EQ(memory.contents[Region::rodata], counted(size)) << size;
            EXPECT_EQ(placed.reasons.pauses, (size - 1) / most) << "one between two pieces: " << size;
        }
}

// Memory comes with what others have left in it: gaps, what has no bytes in the file, and room for cells are zero.
TEST(Image, LeavesNothingOfWhatWasThere)
{
    ObjectBuilder builder;
    const u32 text = builder.text(".text", 1);
    builder.section({.name = ".rodata"}, counted(3));
    builder.section({.name = ".rodata.later", .alignment = 16}, counted(1));
    builder.section({.name = ".bss", .type = elf::SectionType::nobits, .flags = region_alloc | elf::section_write, .nobits_size = 24});
    builder.relocation(text, 0, 311, builder.symbol({.name = "entry"}));
    builder.relocation(text, 0, 283, builder.symbol({.name = "call"}));
    DirtyMemory memory;
    PlacedObject placed(builder, memory, {.reach = Reach::far});
    ASSERT_TRUE(placed.places);
    const auto zero_from = [](const std::vector<std::byte>& bytes, usize first, usize last) {
        return std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(first), bytes.begin() + static_cast<std::ptrdiff_t>(last),
                           [](std::byte byte) { return byte == std::byte{}; });
    };
    const auto& rodata = memory.contents[Region::rodata];
    ASSERT_EQ(rodata.size(), 32u);
    EXPECT_TRUE(zero_from(rodata, 3, 16)) << "the gap";
    EXPECT_TRUE(zero_from(rodata, 17, 32)) << "the room for the GOT entry";
    EXPECT_TRUE(zero_from(memory.contents[Region::data], 0, 24)) << "what the file does not hold";
    const auto& code = memory.contents[Region::text];
    EXPECT_TRUE(zero_from(code, 8, code.size())) << "the room for the veneer";
}

TEST(Image, ManySectionsPauseOnTheWay)
{
    const auto pauses = [](usize sections) {
        ObjectBuilder builder;
        for (usize count = 0; count < sections; ++count)
            builder.section({.name = ".data", .flags = region_alloc | elf::section_write, .alignment = 1}, counted(1));
        builder.finish();
        DirtyMemory memory;
        const PlacedObject placed(builder, memory);
        EXPECT_TRUE(placed.places);
        return std::pair(placed.layout->section_count(), placed.reasons.pauses);
    };
    const auto [few, none] = pauses(elf::entries_between_pauses - 10);
    EXPECT_LE(few, elf::entries_between_pauses);
    EXPECT_EQ(none, 0u);
    const usize others = few - (elf::entries_between_pauses - 10);
    EXPECT_EQ(pauses(elf::entries_between_pauses - others).second, 0u) << "as many as go without";
    EXPECT_EQ(pauses(elf::entries_between_pauses - others + 1).second, 2u) << "before and behind the walk over them";
}

TEST(Image, SaysWhichRegionGotNoMemory)
{
    ObjectBuilder builder;
    builder.text(".text", 4);
    builder.section({.name = ".rodata"}, counted(1));
    builder.data(".data", 8);
    DirtyMemory memory;
    memory.refused = Region::rodata;
    const PlacedObject placed(builder, memory);
    ASSERT_FALSE(placed.places);
    EXPECT_EQ(placed.places.error(), Errno::nomem);
    EXPECT_EQ(placed.reasons.view(), "no memory for region rodata of 1 bytes");
}

TEST(ImageDeathTest, RefusesBlocksThatWereNotAskedFor)
{
    const auto place = [](auto spoil) {
        ObjectBuilder builder;
        builder.section({.name = ".rodata", .alignment = 64}, counted(16));
        DirtyMemory memory;
        spoil(memory);
        return PlacedObject(builder, memory).places.has_value();
    };
    EXPECT_TRUE(place([](DirtyMemory&) {}));
    EXPECT_DEATH(place([](DirtyMemory& memory) { memory.slack = 8; }), "not what was asked for") << "bytes";
    EXPECT_DEATH(place([](DirtyMemory& memory) { memory.size_error = 8; }), "not what was asked for") << "size";
    EXPECT_DEATH(place([](DirtyMemory& memory) { memory.place += 32; }), "not what was asked for") << "alignment";
}

// What the module does not write to while its init runs is sealed, and only then is code made visible to instruction fetch.
TEST(Image, SealsWhatStaysConstantAndThenPublishesCode)
{
    ObjectBuilder builder;
    builder.text(".text", 1);
    builder.section({.name = ".rodata"}, counted(1));
    builder.data(".data", 8);
    builder.data(".data..ro_after_init", 8);
    builder.text(".init.text", 1);
    DirtyMemory memory;
    PlacedObject placed(builder, memory);
    ASSERT_TRUE(placed.places);
    ASSERT_TRUE(placed.image.seal_constant());
    EXPECT_EQ(memory.events, (std::vector<std::string>{"seal text", "seal rodata", "seal init_text", "publish"}));
    memory.events.clear();
    ASSERT_TRUE(placed.image.seal_ro_after_init());
    EXPECT_EQ(memory.events, std::vector<std::string>{"seal ro_after_init"});
}

TEST(Image, WithoutMemoryHasNothingToSeal)
{
    Image image;
    EXPECT_TRUE(image.seal_constant());
    for (const Region region : all_regions)
        EXPECT_EQ(image.size(region), 0u) << region_name(region);
}

}  // namespace
}  // namespace tenon::modlink
