#pragma once

#include "module/link/layout.h"
#include "module/link/region_memory.h"

namespace tenon::modlink {

// Module memory in which the regions of a load have nothing to do with each other.
class SeparateRegions : public RegionMemory {
public:
    Result<> allocate(const Layout& layout, RegionBlocks& blocks) final
    {
        for (const Region region : all_regions)
            if (const RegionPlan& plan = layout.region(region); plan.size != 0)
                blocks[index_of(region)] = TRY(allocate_one(region, plan.size, plan.alignment));
        return {};
    }

    virtual Result<RegionBlock> allocate_one(Region region, u64 size, u64 alignment) = 0;

protected:
    ~SeparateRegions() = default;
};

}  // namespace tenon::modlink
