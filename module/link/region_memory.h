#pragma once

#include <array>
#include <optional>
#include <span>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include "module/link/region.h"

namespace tenon::modlink {

// Memory of one region. `place` is where the CPU will see it; `bytes` is where the linker writes it, which is another address
// when the memory is never writable at its place. `bytes` is aligned as `place` is and is empty once the block is sealed, except for
// writable regions; `size` stays.
struct RegionBlock {
    u64 place = 0;
    std::span<std::byte> bytes;
    u64 size = 0;
};

class Layout;

using RegionBlocks = std::array<std::optional<RegionBlock>, region_count>;

// What the linker needs of the system in which the module will live. Implemented by the kernel, by modlink and by tests.
// Called without locks held by the linker; may block.
class RegionMemory {
public:
    // Memory with undefined contents for every region of `layout` whose size is not 0; the image writes every byte of it. `blocks` is
    // empty before; after a failure it holds those that got memory, which are released as all others. Layout::landing_pads() says what
    // will stand in executable regions. Errno::nomem, for which the image gives the reason, or an error whose reason is told already.
    virtual Result<> allocate(const Layout& layout, RegionBlocks& blocks) = 0;

    // The contents are final: takes the writable alias away. For ro_after_init it is called after init. Cannot be undone. Nothing of an
    // executable region runs before publish_code().
    virtual Result<> seal(Region region, RegionBlock& block) = 0;

    // All executable regions of a load have been sealed: instruction fetch sees their bytes on every CPU.
    virtual void publish_code() {}

    // Takes back a block, sealed or not. Nothing refers to it any more.
    virtual void release(Region region, const RegionBlock& block) = 0;

protected:
    ~RegionMemory() = default;
};

}  // namespace tenon::modlink
