#pragma once

#include "module/link/layout.h"
#include "module/link/region_memory.h"
#include "module/link/relocator.h"

namespace tenon {

// What loading and unloading need of the system in which the modules live, besides the locks of <tenon/sync.h>. One per
// system, lives for ever. Implemented by kernel/module and by the host tests.
class Platform {
public:
    virtual const modlink::Relocator& relocator() const = 0;
    virtual modlink::LayoutOptions layout_options() const = 0;
    virtual modlink::RegionMemory& memory() = 0;

    // Returns when every CPU has left the kernel code that it was executing at the time of the call: afterwards no CPU is still in
    // code that could not be entered any more before. Blocks.
    virtual void wait_for_quiescence() = 0;

protected:
    ~Platform() = default;
};

}  // namespace tenon
