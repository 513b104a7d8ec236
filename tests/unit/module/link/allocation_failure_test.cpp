#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "arch/arm64/reloc/relocator.h"
#include "module/link/apply.h"
#include "module/link/cell_pool.h"
#include "tests/support/object_builder.h"

// Every allocation of a link fails once; each time the link must end with Errno::nomem and leave nothing behind.

namespace {

// Counts down over the allocations of one link; the failing one gives null.
long allocations_left = -1;

bool allocation_fails()
{
    return allocations_left >= 0 && allocations_left-- == 0;
}

}  // namespace

// The linker allocates with nothrow new alone, so that the tests' own allocations are left alone.
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept
{
    return allocation_fails() ? nullptr : std::malloc(size == 0 ? 1 : size);
}

void operator delete[](void* memory) noexcept
{
    std::free(memory);
}

void operator delete[](void* memory, std::size_t) noexcept
{
    std::free(memory);
}

void* operator new[](std::size_t size)
{
    return std::malloc(size == 0 ? 1 : size);
}

namespace tenon::modlink {
namespace {

class CountedMemory final : public RegionMemory {
public:
    Result<RegionBlock> allocate(Region, u64 size, u64) override
    {
        if (allocation_fails())
            return fail(Errno::nomem);
        ++live;
        return RegionBlock{0x10000, {static_cast<std::byte*>(std::aligned_alloc(4096, (size + 4095) & ~u64{4095})), size}};
    }
    Result<> seal(Region, RegionBlock&) override { return {}; }
    void release(Region, const RegionBlock& block) override
    {
        --live;
        std::free(block.bytes.data());
    }

    int live = 0;
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

Result<Image> link(std::span<const std::byte> file, CountedMemory& memory)
{
    Pieces source(file);
    elf::FirstReason reasons;
    Nothing nothing;
    const Relocator& relocator = arch::arm64::relocator();
    const elf::ObjectView view = TRY(elf::ObjectView::read(source, reasons));
    const Layout layout = TRY(Layout::plan(view, relocator, {.reach = Reach::far}, reasons));
    Image image = TRY(Image::place(view, layout, source, memory, reasons));
    const SectionPlaces places = TRY(SectionPlaces::of(view, layout, image));
    const BoundSymbols symbols = TRY(resolve(view, places, nothing, reasons));
    TRY(apply(view, layout, image, places, symbols, relocator, reasons));
    return image;
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

    CountedMemory memory;
    long steps = 0;
    for (;; ++steps) {
        allocations_left = steps;
        const Result<Image> result = link(file, memory);
        const bool reached = allocations_left < 0;
        allocations_left = -1;
        if (!reached) {
            EXPECT_TRUE(result);
            break;
        }
        ASSERT_FALSE(result) << "allocation " << steps;
        EXPECT_EQ(result.error(), Errno::nomem);
        EXPECT_EQ(memory.live, 0) << "allocation " << steps;
    }
    EXPECT_GE(steps, 12);
    EXPECT_EQ(memory.live, 0);
}

TEST(Image, MovesAndReleasesPartly)
{
    test::ObjectBuilder builder;
    builder.text(".text", 4);
    builder.text(".init.text", 1);
    builder.section({.name = ".init.data", .flags = elf::section_alloc | elf::section_write}, std::vector<std::byte>(8));
    const auto file = builder.build();
    CountedMemory memory;
    {
        Image image = std::move(*link(file, memory));
        EXPECT_EQ(memory.live, 3);
        EXPECT_TRUE(image.block(Region::init_text));
        Image other = std::move(image);
        EXPECT_FALSE(image.block(Region::text));
        other.release_init();
        EXPECT_EQ(memory.live, 1);
        EXPECT_FALSE(other.block(Region::init_text));
        EXPECT_TRUE(other.region_of(other.block(Region::text)->place + 15));
        EXPECT_FALSE(other.region_of(other.block(Region::text)->place + 16));
        image = std::move(other);
        EXPECT_TRUE(image.block(Region::text));
    }
    EXPECT_EQ(memory.live, 0);
}

}  // namespace
}  // namespace tenon::modlink
