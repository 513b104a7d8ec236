#include "kernel/dev/bus/tree_node.h"

#include <algorithm>

#include "kernel/device_tree/fdt.h"

namespace tenon::device_tree {
namespace {

// The value of a property; empty when the node has none.
std::string_view property(const void* blob, int offset, const char* name)
{
    int size = 0;
    const void* data = fdt::getprop(blob, offset, name, &size);
    if (data == nullptr || size <= 0)
        return {};
    return {static_cast<const char*>(data), static_cast<usize>(size)};
}

// Big-endian cells of 32 bits; the value is long enough.
u64 read_cells(std::string_view value, usize first, usize count)
{
    u64 result = 0;
    for (usize index = first * 4; index < (first + count) * 4; ++index)
        result = (result << 8) | static_cast<u8>(value[index]);
    return result;
}

// The first string of a list of NUL-terminated ones, taken off it.
std::string_view next_string(std::string_view& list)
{
    const std::string_view first = list.substr(0, list.find('\0'));
    list.remove_prefix(std::min(list.size(), first.size() + 1));
    return first;
}

bool is_enabled(const void* blob, int offset)
{
    std::string_view status = property(blob, offset, "status");
    if (status.empty())
        return true;
    const std::string_view word = next_string(status);
    return word == "okay" || word == "ok";
}

constexpr int root = 0;

// Nearly all nodes have the same interrupt parent, and finding a node by its handle means reading the whole tree.
struct {
    const void* blob = nullptr;
    u32 handle = 0;
    int offset = -1;
} last_parent;  // used by the one thread that reads the tree

// A node without an interrupt parent of its own has the root's.
int interrupt_parent(const void* blob, int offset)
{
    std::string_view value = property(blob, offset, "interrupt-parent");
    if (value.empty())
        value = property(blob, root, "interrupt-parent");
    if (value.size() != 4)
        return -1;
    const u32 handle = static_cast<u32>(read_cells(value, 0, 1));
    if (last_parent.blob != blob || last_parent.handle != handle)
        last_parent = {blob, handle, fdt::node_offset_by_phandle(blob, handle)};
    return last_parent.offset;
}

// Three cells per interrupt, as the GIC's bindings say: 0 for a shared or 1 for a private one, its number, flags.
std::optional<u32> read_interrupt(const void* blob, int offset)
{
    constexpr u32 first_shared = 32;
    constexpr u32 first_private = 16;
    const std::string_view value = property(blob, offset, "interrupts");
    const int parent = interrupt_parent(blob, offset);
    if (value.size() < 12 || parent < 0)
        return std::nullopt;
    const std::string_view cells = property(blob, parent, "#interrupt-cells");
    if (cells.size() != 4 || read_cells(cells, 0, 1) != 3)
        return std::nullopt;
    const u64 number = read_cells(value, 1, 1);
    return static_cast<u32>(number) + (read_cells(value, 0, 1) == 0 ? first_shared : first_private);
}

}  // namespace

std::optional<Node> Node::read(const void* blob, int offset)
{
    const int address_cells = fdt::address_cells(blob, root);
    const int size_cells = fdt::size_cells(blob, root);
    std::string_view compatible = property(blob, offset, "compatible");
    const std::string_view reg = property(blob, offset, "reg");
    const bool usable = address_cells >= 1 && address_cells <= 2 && size_cells >= 1 && size_cells <= 2 &&
                        !compatible.empty() && is_enabled(blob, offset);
    const usize address_count = static_cast<usize>(address_cells);
    const usize size_count = static_cast<usize>(size_cells);
    if (!usable || reg.size() < (address_count + size_count) * 4)
        return std::nullopt;

    Node node;
    node.registers = PhysAddr(read_cells(reg, 0, address_count));
    node.register_size = read_cells(reg, address_count, size_count);
    node.interrupt = read_interrupt(blob, offset);
    const std::string_view full_name = fdt::get_name(blob, offset, nullptr);
    const std::string_view name = full_name.substr(0, full_name.find('@'));
    node.name.format("{:x}.{}", node.registers.value(), name);
    node.modalias.format("of:N{}T(null)", name);
    while (!compatible.empty())
        node.modalias.format("C{}", next_string(compatible));
    return node;
}

}  // namespace tenon::device_tree
