#include "arch/arm64/boot/device_tree.h"

#include <algorithm>
#include <bit>

#include "kernel/device_tree/fdt.h"
#include "kernel/lib/bits.h"
#include "kernel/mm/layout.h"
#include <tenon/memory.h>

// Devicetree Specification 0.4: chapter 3 (/memory, /reserved-memory, /chosen) and 5 (the flattened form).

namespace tenon::arch {
namespace {

// The cells of a property, `count` of them from `cells` on, as one number.
u64 read_cells(const u32* cells, int count)
{
    u64 value = 0;
    for (int i = 0; i < count; ++i)
        value = (value << 32) | std::byteswap(cells[i]);
    return value;
}

struct Property {
    const void* data = nullptr;
    int size = 0;
};

Property property(const void* tree, int node, const char* name)
{
    Property result;
    result.data = fdt::getprop(tree, node, name, &result.size);
    return result;
}

// Adds the (address, size) pairs of the node's `reg` to `list`.
void add_registers(const void* tree, int node, int parent, RangeList& list)
{
    const int address_cells = fdt::address_cells(tree, parent);
    const int size_cells = fdt::size_cells(tree, parent);
    const auto reg = property(tree, node, "reg");
    if (reg.data == nullptr || address_cells < 1 || address_cells > 2 || size_cells < 1 || size_cells > 2)
        return;
    const auto* cells = static_cast<const u32*>(reg.data);
    const int stride = address_cells + size_cells;
    for (int left = reg.size / 4; left >= stride; left -= stride, cells += stride) {
        const PhysAddr start(read_cells(cells, address_cells));
        list.add({start, start + read_cells(cells + address_cells, size_cells)});
    }
}

// The first string of a property; empty when there is none.
std::string_view text_property(const void* tree, int node, const char* name)
{
    const auto value = property(tree, node, name);
    return value.data == nullptr ? std::string_view{} : static_cast<const char*>(value.data);
}

// Memory that belongs to the secure world is there, but disabled for us.
bool is_our_memory(const void* tree, int node)
{
    const auto status = text_property(tree, node, "status");
    return text_property(tree, node, "device_type") == "memory" && (status.empty() || status == "okay" || status == "ok");
}

void read_memory(const void* tree, BootInfo& info)
{
    for (int node = fdt::first_subnode(tree, 0); node >= 0; node = fdt::next_subnode(tree, node))
        if (is_our_memory(tree, node))
            add_registers(tree, node, 0, info.memory);
    for (int i = 0; i < fdt::reservations(tree); ++i) {
        u64 start = 0;
        u64 size = 0;
        if (fdt::get_reservation(tree, i, start, size) == 0)
            info.reserved.add({PhysAddr(start), PhysAddr(start + size)});
    }
    const int reserved = fdt::path_offset(tree, "/reserved-memory");
    if (reserved >= 0)
        for (int node = fdt::first_subnode(tree, reserved); node >= 0; node = fdt::next_subnode(tree, node))
            add_registers(tree, node, reserved, info.reserved);
}

PhysAddr read_address(const void* tree, int node, const char* name)
{
    const auto value = property(tree, node, name);
    if (value.data == nullptr || (value.size != 4 && value.size != 8))
        return {};
    return PhysAddr(read_cells(static_cast<const u32*>(value.data), value.size / 4));
}

PhysAddr console_registers(const void* tree, int chosen)
{
    const auto path = property(tree, chosen, "stdout-path");
    if (path.data == nullptr || path.size < 2)
        return {};
    const std::string_view text(static_cast<const char*>(path.data), static_cast<usize>(path.size) - 1);
    const auto length = std::min(text.find(':'), text.size());
    const int node = fdt::path_offset(tree, text.data(), static_cast<int>(length));
    if (node < 0 || fdt::node_check_compatible(tree, node, "arm,pl011") != 0)
        return {};
    const RangeList registers = node_registers(tree, node, fdt::parent_offset(tree, node));
    return registers.all().empty() ? PhysAddr{} : registers.all()[0].start;
}

void read_chosen(const void* tree, BootInfo& info)
{
    const int chosen = fdt::path_offset(tree, "/chosen");
    if (chosen < 0)
        return;
    const auto arguments = property(tree, chosen, "bootargs");
    if (arguments.data != nullptr && arguments.size > 1)
        info.command_line.write({static_cast<const char*>(arguments.data), static_cast<usize>(arguments.size) - 1});
    info.initrd = {read_address(tree, chosen, "linux,initrd-start"), read_address(tree, chosen, "linux,initrd-end")};
    info.console = console_registers(tree, chosen);
}

}  // namespace

Result<> read_device_tree(const void* blob, usize limit, BootInfo& info)
{
    if (fdt::check_header(blob) != 0 || fdt::total_size(blob) > limit)
        return fail(Errno::inval);
    info.device_tree.end = info.device_tree.start + fdt::total_size(blob);
    read_memory(blob, info);
    read_chosen(blob, info);
    if (info.memory.all().empty())
        return fail(Errno::inval);
    info.reserved.add(info.device_tree);
    info.reserved.add({PhysAddr(align_down(info.initrd.start.value(), page_size)),
                       PhysAddr(align_up(info.initrd.end.value(), page_size))});
    return {};
}

RangeList node_registers(const void* tree, int node, int parent)
{
    RangeList list;
    add_registers(tree, node, parent, list);
    return list;
}

std::optional<u64> cpu_hardware_id(const void* tree, int node, int parent)
{
    const int cells = fdt::address_cells(tree, parent);
    const auto reg = property(tree, node, "reg");
    if (reg.data == nullptr || cells < 1 || cells > 2 || reg.size < cells * 4)
        return std::nullopt;
    return read_cells(static_cast<const u32*>(reg.data), cells);
}

const void* device_tree_blob()
{
    return layout::linear(boot_info().device_tree.start).pointer<void>();
}

// The properties of /chosen that hold random bytes. The blob is ours alone and stands in writable memory.
void take_boot_seed(void (*use)(std::span<const std::byte> seed))
{
    const void* tree = device_tree_blob();
    const int chosen = fdt::path_offset(tree, "/chosen");
    for (const char* name : {"rng-seed", "kaslr-seed"}) {
        const auto seed = chosen < 0 ? Property{} : property(tree, chosen, name);
        if (seed.data == nullptr || seed.size <= 0)
            continue;
        auto* bytes = static_cast<std::byte*>(const_cast<void*>(seed.data));
        use({bytes, static_cast<usize>(seed.size)});
        std::fill_n(bytes, seed.size, std::byte{0});
    }
}

}  // namespace tenon::arch
