#include "kernel/dev/bus/device_tree.h"

#include <algorithm>
#include <array>
#include <new>

#include "kernel/dev/bus/tree_node.h"
#include "kernel/dev/driver_core.h"
#include "kernel/device_tree/fdt.h"
#include <tenon/memory.h>

namespace tenon::device_tree {
namespace {

class TreeDevice : public Device {
public:
    explicit TreeDevice(const Node& from) : node_(from) {}

    std::string_view name() const override { return node_.name.view(); }
    std::string_view modalias() const override { return node_.modalias.view(); }
    PhysAddr registers() const override { return node_.registers; }
    usize register_size() const override { return node_.register_size; }
    std::optional<u32> interrupt() const override { return node_.interrupt; }

protected:
    Node node_;
};

// What sits in a virtio-mmio slot: its identity is that of the virtio device.
class VirtioDevice final : public TreeDevice {
public:
    VirtioDevice(const Node& slot, u32 device, u32 vendor) : TreeDevice(slot)
    {
        node_.modalias.clear();
        node_.modalias.format("virtio:d{:08X}v{:08X}", device, vendor);
    }
};

// virtio 1.2, section 4.2.2.
constexpr usize virtio_magic_register = 0x000;
constexpr usize virtio_device_register = 0x008;
constexpr usize virtio_vendor_register = 0x00c;
constexpr usize virtio_register_size = 0x100;
constexpr u32 virtio_magic = 0x74726976;

Result<> add(Device* device)
{
    if (device == nullptr)
        return fail(Errno::nomem);
    DriverCore::add_device(std::unique_ptr<Device>(device));
    return {};
}

// An empty slot has device number 0.
Result<> add_virtio_slot(const Node& node)
{
    if (node.register_size < virtio_register_size)
        return {};
    const DeviceMemory registers = TRY(DeviceMemory::map(node.registers, node.register_size));
    const u32 device = registers.read32(virtio_device_register);
    if (registers.read32(virtio_magic_register) != virtio_magic || device == 0)
        return {};
    return add(new (std::nothrow) VirtioDevice(node, device, registers.read32(virtio_vendor_register)));
}

// The offsets of the virtio-mmio nodes, and where their registers are.
struct Slot {
    int offset = 0;
    PhysAddr registers;
};

}  // namespace

// QEMU fills the slots from the highest address down, so in that order the first disk of its command line is vda.
Result<> add_devices(const void* blob)
{
    std::array<Slot, 64> slots;
    usize slot_count = 0;
    for (int offset = fdt::first_subnode(blob, 0); offset >= 0; offset = fdt::next_subnode(blob, offset)) {
        const auto node = Node::read(blob, offset);
        if (!node)
            continue;
        if (fdt::node_check_compatible(blob, offset, "virtio,mmio") != 0)
            TRY(add(new (std::nothrow) TreeDevice(*node)));
        else if (slot_count < slots.size())
            slots[slot_count++] = {offset, node->registers};
    }
    std::sort(slots.begin(), slots.begin() + slot_count,
              [](const Slot& a, const Slot& b) { return a.registers > b.registers; });
    for (const Slot& slot : std::span(slots).first(slot_count))
        if (const auto node = Node::read(blob, slot.offset))
            TRY(add_virtio_slot(*node));
    return {};
}

}  // namespace tenon::device_tree
