#include "kernel/module/module_memory.h"

#include <algorithm>

#include "kernel/arch.h"
#include "kernel/lib/bits.h"
#include "kernel/lib/panic.h"
#include "kernel/mm/layout.h"
#include "kernel/module/permission_check.h"
#include "kernel/module/sanitizer/leaks.h"
#include "kernel/module/write_window.h"
#include "kernel/runtime/shadow.h"
#include "kernel/thread/cross_call.h"
#include "module/link/layout.h"
#include <tenon/log.h>
#include <tenon/memory.h>

namespace tenon {
namespace {

using kernel_map::Access;
using modlink::LandingPads;
using modlink::Layout;
using modlink::Region;
using modlink::RegionBlock;
using modlink::RegionBlocks;

struct Window {
    u64 base;
    u64 size;
};

constexpr Window window_of(ModuleWindow window)
{
    return window == ModuleWindow::near ? Window{layout::module_base, layout::module_size}
                                        : Window{layout::module_far_base, layout::module_far_size};
}

// The window in sixteenths: text 6, unguarded text 2, rodata 3, ro_after_init 1, data 4.
constexpr KernelAddr part(Window window, u64 sixteenth)
{
    return KernelAddr(window.base + window.size / 16 * sixteenth);
}

constexpr u64 part_size(Window window, u64 sixteenths)
{
    return window.size / 16 * sixteenths;
}

// So no module's branch to its own or another module's code needs a veneer, which may lead to landing pads only: compilers leave those out
// where they see no branches but direct ones. Veneers lead to the kernel's exports, and the build sees to it that those have pads.
constexpr u64 branch_reach = u64{128} << 20;
static_assert(layout::module_size / 16 * 8 <= branch_reach && layout::module_far_size / 16 * 8 <= branch_reach);

constexpr u64 end_of(const RegionBlock& block)
{
    return block.place + block.size;
}

// Whether every page between their ends is one that they touch.
bool are_neighbours(const RegionBlock& a, const RegionBlock& b)
{
    const RegionBlock& lower = a.place < b.place ? a : b;
    const RegionBlock& upper = a.place < b.place ? b : a;
    return align_down(upper.place, page_size) <= align_up(end_of(lower), page_size);
}

// In the window that shows `beside`, if there is one and it has room.
Result<std::span<std::byte>> open(KernelAddr place, u64 size, std::span<std::byte> beside)
{
    if (!beside.empty())
        if (const auto bytes = write_window::extend(beside, place, size))
            return *bytes;
    return write_window::open(place, size);
}

// Of the code, whatever there is of it.
std::span<std::byte> shown_code(const RegionBlocks& blocks)
{
    for (const Region region : {Region::text, Region::init_text})
        if (const std::optional<RegionBlock>& block = blocks.data()[index_of(region)])
            return block->bytes;
    return {};
}

}  // namespace

ModuleMemory::ModuleMemory(ModuleWindow window, u32 trap, CheckPermissions check)
    : check_(check), text_(part(window_of(window), 0), part_size(window_of(window), 6), Access::read_execute, trap),
      unguarded_text_(part(window_of(window), 6), part_size(window_of(window), 2), Access::read_execute_unguarded, trap),
      rodata_(part(window_of(window), 8), part_size(window_of(window), 3), Access::read_only, 0),
      ro_after_init_(part(window_of(window), 11), part_size(window_of(window), 1), Access::read_write, 0),
      data_(part(window_of(window), 12), part_size(window_of(window), 4), Access::read_write, 0)
{
}

Result<> ModuleMemory::initialise()
{
    write_window::initialise();
    if (check_ == CheckPermissions::yes)
        log::info("kernel", "modules are written through windows from {:#x} on", write_window::start().value());
    for (Arena* const arena : {&rodata_, &data_})
        TRY(arena->allocate(RangeAllocator::granule, 1));
    const KernelAddr page = TRY(text_.allocate(RangeAllocator::granule, 1));
    const auto window = TRY(write_window::open(page, RangeAllocator::granule));  // makes the page tables for windows
    write_window::close(window);
    return {};
}

inline void ModuleMemory::check_block(Region region, KernelAddr place, u64 size)
{
    if (check_ == CheckPermissions::yes && !modlink::is_writable(region)) [[unlikely]]
        check_permissions(place, size, arena_of(region, place).access());
}

Arena& ModuleMemory::arena_for(Region region, LandingPads pads)
{
    switch (region) {
    case Region::text:
    case Region::init_text: return pads == LandingPads::none && arch::guards_branches() ? unguarded_text_ : text_;
    case Region::rodata:
    case Region::init_rodata: return rodata_;
    case Region::ro_after_init: return ro_after_init_;
    case Region::data:
    case Region::init_data: break;
    }
    return data_;
}

// Where a block stands.
Arena& ModuleMemory::arena_of(Region region, KernelAddr place)
{
    return arena_for(region, unguarded_text_.contains(place) ? LandingPads::none : LandingPads::everywhere);
}

Result<> ModuleMemory::allocate(const Layout& layout, RegionBlocks& blocks)
{
    const LockGuard guard(mutex_);
    for (const Region region : modlink::all_regions)
        if (const modlink::RegionPlan& plan = layout.region(region); plan.size != 0)
            blocks.data()[index_of(region)] = TRY(allocate(region, arena_for(region, layout.landing_pads()), plan));
    TRY(open_windows(Region::text, Region::init_text, {}, blocks));
    return open_windows(Region::rodata, Region::init_rodata, shown_code(blocks), blocks);
}

// Constant memory has no bytes to write to yet.
Result<RegionBlock> ModuleMemory::allocate(Region region, Arena& arena, const modlink::RegionPlan& plan)
{
    // Pages of its own, because their rights change after init.
    const bool whole_pages = region == Region::ro_after_init;
    const u64 room = whole_pages ? align_up(plan.size, page_size) : plan.size;
    const KernelAddr place = TRY(arena.allocate(room, whole_pages ? std::max<u64>(plan.alignment, page_size) : plan.alignment));
    if (modlink::is_writable(region))
        return RegionBlock{place.value(), {place.pointer(), static_cast<usize>(plan.size)}, plan.size};
    return RegionBlock{place.value(), {}, plan.size};
}

Result<> ModuleMemory::open_window(Region region, std::span<std::byte> beside, RegionBlocks& blocks)
{
    std::optional<RegionBlock>& block = blocks.data()[index_of(region)];
    if (!block)
        return {};
    block->bytes = TRY(open(KernelAddr(block->place), block->size, beside));
    check_block(region, KernelAddr(block->place), block->size);
    return {};
}

// For the two regions of one arena: small ones stand side by side, and one window shows both. If `beside` is not empty, it is of a window
// that may show them, too.
Result<> ModuleMemory::open_windows(Region core, Region init, std::span<std::byte> beside, RegionBlocks& blocks)
{
    std::optional<RegionBlock>& first = blocks.data()[index_of(core)];
    std::optional<RegionBlock>& second = blocks.data()[index_of(init)];
    if (first && second && are_neighbours(*first, *second)) {
        const u64 start = std::min(first->place, second->place);
        const auto bytes = TRY(open(KernelAddr(start), std::max(end_of(*first), end_of(*second)) - start, beside));
        if (write_window::cut(bytes)) {
            for (RegionBlock* const block : {&*first, &*second})
                block->bytes = bytes.subspan(static_cast<usize>(block->place - start), static_cast<usize>(block->size));
            check_block(core, KernelAddr(first->place), first->size);
            check_block(init, KernelAddr(second->place), second->size);
            return {};
        }
        write_window::close(bytes);
    }
    TRY(open_window(core, beside, blocks));
    return open_window(init, beside, blocks);
}

Result<> ModuleMemory::seal(Region region, RegionBlock& block)
{
    if (region == Region::ro_after_init) {
        ro_after_init_.make_read_only(KernelAddr(block.place), block.size);
    } else {
        if (modlink::is_executable(region))
            arch::clean_code(KernelAddr(block.place), block.size);
        write_window::close(block.bytes);
        check_block(region, KernelAddr(block.place), block.size);
    }
    block.bytes = {};
    return {};
}

void ModuleMemory::publish_code()
{
    cross_call::synchronise_contexts();
}

void ModuleMemory::release(Region region, const RegionBlock& block)
{
    const LockGuard guard(mutex_);
    if constexpr (shadow::is_kept)
        leaks::note_release(region, block);
    const KernelAddr place(block.place);
    const bool sealed = block.bytes.empty();
    if (!modlink::is_writable(region) && !sealed)
        write_window::close(block.bytes);
    arena_of(region, place).free(place, region == Region::ro_after_init ? align_up(block.size, page_size) : block.size);
}

}  // namespace tenon
