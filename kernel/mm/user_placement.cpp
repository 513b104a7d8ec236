#include "kernel/mm/user_placement.h"

#include <atomic>

#include "kernel/boot_info.h"
#include "kernel/lib/bits.h"
#include <tenon/memory.h>

namespace tenon {

namespace user_randomisation {
namespace {

constinit std::atomic<Randomisation> current{Randomisation::all};

}  // namespace

void read_boot_arguments()
{
    if (boot_argument("norandmaps"))
        set(Randomisation::none);
}

Randomisation get()
{
    return current.load(std::memory_order_relaxed);
}

void set(Randomisation value)
{
    current.store(value, std::memory_order_relaxed);
}

}  // namespace user_randomisation

UserPlacement UserPlacement::random(const Chance& chance)
{
    UserPlacement placement;
    const Randomisation wanted = user_randomisation::get();
    if (wanted == Randomisation::none)
        return placement;
    const auto pages = [](u64 value, u64 spread) { return align_down(value % spread, page_size); };
    placement.stack_top = user_layout::stack_top - pages(chance.stack, user_layout::stack_spread);
    placement.stack_skip = align_down(chance.skip % page_size, 16);
    placement.map_top = user_layout::map_top - pages(chance.map, user_layout::map_spread);
    placement.program_base = user_layout::program_base + pages(chance.program, user_layout::program_spread);
    if (wanted == Randomisation::all)
        placement.break_gap = pages(chance.gap, user_layout::break_spread);
    return placement;
}

}  // namespace tenon
