#pragma once

#include "kernel/module/arena.h"
#include "module/link/layout.h"
#include "module/link/region_memory.h"
#include <tenon/sync.h>

namespace tenon {

enum class ModuleWindow : u8 { near, far };
enum class CheckPermissions : bool { no, yes };

// The memory of all modules: one arena for each kind of access, in the module window (kernel/mm/layout.h). Modules share pages: where the
// CPUs guard branches, the text of those without landing pads has an arena of its own, so that it takes the guard from nobody else.
class ModuleMemory final : public modlink::RegionMemory {
public:
    // `trap` is what executable memory holds that belongs to no module.
    ModuleMemory(ModuleWindow window, u32 trap, CheckPermissions check);

    // Keeps one page of each arena for ever, so that small modules come and go without touching page tables. Errno::nomem.
    Result<> initialise();

    Result<> allocate(const modlink::Layout& layout, modlink::RegionBlocks& blocks) override;
    Result<> seal(modlink::Region region, modlink::RegionBlock& block) override;
    void publish_code() override;
    void release(modlink::Region region, const modlink::RegionBlock& block) override;

private:
    Arena& arena_for(modlink::Region region, modlink::LandingPads pads);
    Arena& arena_of(modlink::Region region, KernelAddr place);
    Result<modlink::RegionBlock> allocate(modlink::Region region, Arena& arena, const modlink::RegionPlan& plan);
    Result<> open_window(modlink::Region region, std::span<std::byte> beside, modlink::RegionBlocks& blocks);
    Result<> open_windows(modlink::Region core, modlink::Region init, std::span<std::byte> beside, modlink::RegionBlocks& blocks);
    void check_block(modlink::Region region, KernelAddr place, u64 size);

    Mutex mutex_;  // protects the arenas
    CheckPermissions check_;
    Arena text_;
    Arena unguarded_text_;
    Arena rodata_;
    Arena ro_after_init_;
    Arena data_;
};

}  // namespace tenon
