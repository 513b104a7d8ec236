#pragma once

#include <array>
#include <optional>

#include "module/link/cell_pool.h"
#include "module/link/image.h"
#include "module/link/separate_regions.h"

namespace tenon::test {

// A GOT at one address with a single entry at another.
class Got {
public:
    // `type` is a relocation type of the relocator that needs an entry.
    Got(const modlink::Relocator& relocator, u32 type, u64 got, u64 entry);

    modlink::CellPool& cells() { return *cells_; }
    u64 entry() const;  // what it holds

private:
    // One region after the other in ordinary memory; the entry's region pretends to stand where the entry shall be.
    class Memory final : public modlink::SeparateRegions {
    public:
        explicit Memory(u64 entry) : entry_(entry) {}
        Result<modlink::RegionBlock> allocate_one(modlink::Region region, u64 size, u64 alignment) override;
        Result<> seal(modlink::Region, modlink::RegionBlock&) override { return {}; }
        void release(modlink::Region, const modlink::RegionBlock&) override {}

    private:
        u64 entry_;
        alignas(64) std::array<std::byte, 256> bytes_{};
        usize used_ = 0;
    };

    Memory memory_;
    modlink::Image image_;
    std::optional<modlink::CellPool> cells_;
};

}  // namespace tenon::test
