#include "arch/arm64/time/board_clock.h"

#include "arch/arm64/boot/device_tree.h"
#include "kernel/arch.h"
#include "kernel/device_tree/fdt.h"
#include "kernel/time/clock.h"
#include <tenon/memory.h>
#include <tenon/time.h>

namespace tenon::arch {

// PrimeCell Real Time Clock (PL031) Technical Reference Manual, 3.3.1: the data register counts seconds.
void board_clock::read()
{
    const void* tree = device_tree_blob();
    const int node = fdt::node_offset_by_compatible(tree, -1, "arm,pl031");
    if (node < 0)
        return;
    const auto registers = node_registers(tree, node, fdt::parent_offset(tree, node));
    if (registers.all().empty())
        return;
    if (const auto memory = DeviceMemory::map(registers.all()[0].start, page_size))
        clock::set_realtime(u64{memory->read32(0)} * nanoseconds_per_second);
}

}  // namespace tenon::arch
