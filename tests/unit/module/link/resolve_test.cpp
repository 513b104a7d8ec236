#include "module/link/resolve.h"

#include <gtest/gtest.h>

#include "arch/arm64/reloc/relocator.h"
#include "module/elf/pieces.h"
#include "module/link/separate_regions.h"
#include "tests/support/object_builder.h"

namespace tenon::modlink {
namespace {

class NoMemory final : public SeparateRegions {
    Result<RegionBlock> allocate_one(Region, u64, u64) override { return fail(Errno::nomem); }
    Result<> seal(Region, RegionBlock&) override { return {}; }
    void release(Region, const RegionBlock&) override {}
};

class Everything final : public SymbolResolver {
    Result<u64> resolve(std::string_view, u32) override { return 0x1000; }
};

class PausedReasons final : public elf::FirstReason {
public:
    Result<> pause_point() override
    {
        ++pauses;
        return {};
    }

    unsigned pauses = 0;
};

// So many undefined symbols, whose names take 1 KiB each with their ends.
unsigned pauses_for(usize symbols)
{
    test::ObjectBuilder builder;
    for (usize count = 0; count < symbols; ++count)
        builder.symbol({.name = std::to_string(100'000 + count) + std::string(1023 - 6, 'n')});
    const std::vector<std::byte> file = builder.build();
    PausedReasons reasons;
    elf::MemorySource source(file);
    const elf::ObjectView view = elf::ObjectView::parse(file, reasons).value();
    const Layout layout = Layout::plan(view, arch::arm64::relocator(), {}, reasons).value();
    NoMemory memory;
    Image image;
    const SectionPlaces places = image.place(view, layout, source, memory, reasons).value();
    Everything everything;
    reasons.pauses = 0;
    EXPECT_TRUE(resolve(view, places, everything, reasons)) << reasons.view();
    return reasons.pauses;
}

// Looking a name up takes as long as it is: so many bytes of names are followed by a pause.
TEST(SymbolNames, LongOnesPauseOnTheWay)
{
    constexpr usize names = elf::bytes_between_pauses / 1024;
    EXPECT_EQ(pauses_for(names - 1), 0u);
    EXPECT_EQ(pauses_for(names), 1u);
    EXPECT_EQ(pauses_for(names * 2 - 1), 1u);
    EXPECT_EQ(pauses_for(names * 3), 3u);
}

}  // namespace
}  // namespace tenon::modlink
