// Arm Generic Interrupt Controller, architecture version 2.0 (IHI 0048B).

#include <new>

#include "arch/arm64/boot/device_tree.h"
#include "arch/arm64/interrupt/gic.h"
#include "kernel/device_tree/fdt.h"
#include <tenon/memory.h>

namespace tenon::arch {
namespace {

// Distributor registers; those for many interrupts have 1, 8 or 2 bits for each.
enum Distributor : usize {
    distributor_control = 0x000,
    distributor_type = 0x004,
    set_enable = 0x100,
    clear_enable = 0x180,
    clear_active = 0x380,
    priority = 0x400,
    targets = 0x800,
    software_interrupt = 0xf00,
};

enum CpuInterface : usize {
    interface_control = 0x00,
    priority_mask = 0x04,
    interrupt_acknowledge = 0x0c,
    end_of_interrupt = 0x10,
};

constexpr u32 default_priority = 0xa0a0a0a0;
constexpr u32 all_but_self = 1 << 24;  // target list filter of software_interrupt

class GicV2 final : public InterruptController {
public:
    GicV2(DeviceMemory distributor, DeviceMemory interface)
        : distributor_(std::move(distributor)), interface_(std::move(interface))
    {
        distributor_.write32(distributor_control, 0);
        const u32 lines = 32 * ((distributor_.read32(distributor_type) & 0x1f) + 1);
        const u32 boot_cpu = targets_of_this_cpu() * 0x01010101u;
        for (u32 number = first_shared_interrupt; number < lines; number += 4) {
            distributor_.write32(priority + number, default_priority);
            distributor_.write32(targets + number, boot_cpu);
        }
        for (u32 number = first_shared_interrupt; number < lines; number += 32) {
            distributor_.write32(clear_enable + number / 8, ~0u);
            distributor_.write32(clear_active + number / 8, ~0u);
        }
        distributor_.write32(distributor_control, 1);
    }

    void initialise_cpu() override
    {
        cpu_masks_[cpu_index()] = targets_of_this_cpu();
        for (u32 number = 0; number < first_shared_interrupt; number += 4)
            distributor_.write32(priority + number, default_priority);
        distributor_.write32(clear_active, ~0u);
        distributor_.write32(clear_enable, 0xffff'0000);
        distributor_.write32(set_enable, 0xffff | (1u << virtual_timer_interrupt));
        interface_.write32(priority_mask, 0xf0);
        interface_.write32(interface_control, 1);
    }

    // Ordered: what the sender of a software interrupt stored before signal(), the handler finds; pairs with the ordered write there.
    u32 acknowledge() override
    {
        acknowledged_[cpu_index()] = interface_.read32(interrupt_acknowledge);
        return acknowledged_[cpu_index()] & 0x3ff;
    }

    // The whole acknowledged value, with the sender of a software interrupt, ends it.
    void end(u32) override { interface_.write32(end_of_interrupt, acknowledged_[cpu_index()]); }

    void enable(u32 number) override { distributor_.write32(set_enable + number / 32 * 4, 1u << (number % 32)); }
    void disable(u32 number) override { distributor_.write32(clear_enable + number / 32 * 4, 1u << (number % 32)); }

    void signal(unsigned cpu, CpuSignal signal) override
    {
        distributor_.write32(software_interrupt, u32{cpu_masks_[cpu]} << 16 | static_cast<u32>(signal));
    }

    void signal_others(CpuSignal signal) override
    {
        distributor_.write32(software_interrupt, all_but_self | static_cast<u32>(signal));
    }

private:
    // The target registers of private interrupts read as the reader's own bit.
    u8 targets_of_this_cpu() const
    {
        u32 mask = 0;
        for (u32 number = 0; number < first_shared_interrupt; number += 4)
            mask |= distributor_.read32(targets + number);
        mask |= mask >> 16;
        mask |= mask >> 8;
        return (mask & 0xff) != 0 ? static_cast<u8>(mask) : 1;  // uniprocessor: reads as zero
    }

    DeviceMemory distributor_;
    DeviceMemory interface_;
    std::array<u8, max_cpus> cpu_masks_{};
    std::array<u32, max_cpus> acknowledged_{};  // each written by its CPU
};

}  // namespace

InterruptController* make_gic_v2(const void* tree, int node)
{
    const auto registers = node_registers(tree, node, fdt::parent_offset(tree, node));
    if (registers.all().size() < 2)
        return nullptr;
    auto distributor = DeviceMemory::map(registers.all()[0].start, registers.all()[0].size());
    auto interface = DeviceMemory::map(registers.all()[1].start, registers.all()[1].size());
    if (!distributor || !interface)
        return nullptr;
    return new (std::nothrow) GicV2(std::move(*distributor), std::move(*interface));
}

}  // namespace tenon::arch
