#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "arch/arm64/reloc/relocator.h"
#include "module/link/apply.h"
#include "module/link/cell_pool.h"
#include "module/link/separate_regions.h"
#include "tests/support/failing_new.h"
#include "tests/support/object_builder.h"

// Every allocation of a link fails once; each time the link must end with Errno::nomem and leave nothing behind.

namespace tenon::modlink {
namespace {

class CountedMemory final : public SeparateRegions {
public:
    Result<RegionBlock> allocate_one(Region, u64 size, u64) override
    {
        auto* const bytes = new (std::align_val_t{4096}, std::nothrow) std::byte[size];
        if (bytes == nullptr || fails_at == allocations++) {
            ::operator delete[](bytes, std::align_val_t{4096});
            return fail(Errno::nomem);
        }
        ++live;
        return RegionBlock{0x10000, {bytes, size}, size};
    }
    Result<> seal(Region, RegionBlock&) override { return {}; }
    void release(Region, const RegionBlock& block) override
    {
        --live;
        ::operator delete[](block.bytes.data(), std::align_val_t{4096});
    }

    int live = 0;
    int allocations = 0;
    int fails_at = -1;
};

class Pieces final : public elf::Source {
public:
    explicit Pieces(std::span<const std::byte> bytes) : source_(bytes) {}
    u64 size() const override { return source_.size(); }
    Result<> read(u64 offset, std::span<std::byte> into) override { return source_.read(offset, into); }

private:
    elf::MemorySource source_;
};

class Nothing final : public SymbolResolver {
public:
    Result<u64> resolve(std::string_view, u32) override { return fail(Errno::noent); }
};

Result<> link(std::span<const std::byte> file, CountedMemory& memory, Image& image)
{
    Pieces source(file);
    elf::FirstReason reasons;
    Nothing nothing;
    const Relocator& relocator = arch::arm64::relocator();
    const elf::ObjectView view = TRY(elf::ObjectView::read(source, reasons));
    const Layout layout = TRY(Layout::plan(view, relocator, {.reach = Reach::far}, reasons));
    const SectionPlaces places = TRY(image.place(view, layout, source, memory, reasons));
    const BoundSymbols symbols = TRY(resolve(view, places, nothing, reasons));
    return apply(view, layout, image, places, symbols, relocator, reasons);
}

TEST(AllocationFailure, LeavesNothingBehindAtAnyStep)
{
    test::ObjectBuilder builder;
    const u32 text = builder.text(".text", 4);
    const u32 data = builder.data(".data", 8);
    builder.text(".init.text", 1);
    builder.relocation(text, 0, 283, builder.symbol({.name = "weak", .binding = elf::SymbolBinding::weak}));
    builder.relocation(text, 4, 311, builder.symbol({.name = "d", .section = static_cast<u16>(data)}));
    const auto file = builder.build();

    unsigned step = 0;
    for (bool reached = true; reached;) {
        CountedMemory memory;
        const test::FailingNew failing(++step);
        Result<> result;
        {
            Image image;
            result = link(file, memory, image);
        }
        reached = failing.has_failed();
        ASSERT_EQ(result.has_value(), !reached) << "allocation " << step;
        if (reached) {
            EXPECT_EQ(result.error(), Errno::nomem);
            EXPECT_EQ(memory.live, 0) << "allocation " << step;
        }
    }
    EXPECT_GE(step, 10u);

    for (int region = 0; region < 4; ++region) {
        CountedMemory memory;
        memory.fails_at = region;
        Result<> result;
        {
            Image image;
            result = link(file, memory, image);
        }
        ASSERT_FALSE(result) << "region " << region;
        EXPECT_EQ(result.error(), Errno::nomem);
        EXPECT_EQ(memory.live, 0) << "region " << region;
    }
}

TEST(Image, ReleasesInitAloneAndThenAll)
{
    test::ObjectBuilder builder;
    builder.text(".text", 4);
    builder.text(".init.text", 1);
    builder.section({.name = ".init.data", .flags = elf::section_alloc | elf::section_write}, std::vector<std::byte>(8));
    const auto file = builder.build();
    CountedMemory memory;
    {
        Image image;
        ASSERT_TRUE(link(file, memory, image));
        EXPECT_EQ(memory.live, 3);
        EXPECT_TRUE(image.block(Region::init_text));
        image.release_init();
        EXPECT_EQ(memory.live, 1);
        EXPECT_FALSE(image.block(Region::init_text));
        EXPECT_TRUE(image.region_of(image.block(Region::text)->place + 15));
        EXPECT_FALSE(image.region_of(image.block(Region::text)->place + 16));
        image.release();
        EXPECT_EQ(memory.live, 0);
        EXPECT_FALSE(image.block(Region::text));
    }
    EXPECT_EQ(memory.live, 0);
}

}  // namespace
}  // namespace tenon::modlink
