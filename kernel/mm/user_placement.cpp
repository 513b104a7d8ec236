#include "kernel/mm/user_placement.h"

#include <atomic>

#include "kernel/boot_info.h"
#include "kernel/dev/random/random.h"
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

UserPlacement UserPlacement::random()
{
    UserPlacement placement;
    const Randomisation wanted = user_randomisation::get();
    if (wanted == Randomisation::none)
        return placement;
    struct {
        u64 stack, skip, map, program, gap;
    } bits;
    random::fill(std::as_writable_bytes(std::span(&bits, 1)));
    const auto pages = [](u64 value, u64 spread) { return align_down(value % spread, page_size); };
    placement.stack_top = user_layout::stack_top - pages(bits.stack, user_layout::stack_spread);
    placement.stack_skip = align_down(bits.skip % page_size, 16);
    placement.map_top = user_layout::map_top - pages(bits.map, user_layout::map_spread);
    placement.program_base = user_layout::program_base + pages(bits.program, user_layout::program_spread);
    if (wanted == Randomisation::all)
        placement.break_gap = pages(bits.gap, user_layout::break_spread);
    return placement;
}

}  // namespace tenon
