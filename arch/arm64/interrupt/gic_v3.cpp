// Arm Generic Interrupt Controller, architecture version 3 (IHI 0069), with affinity routing and system registers.

#include <new>

#include "arch/arm64/boot/device_tree.h"
#include "arch/arm64/interrupt/gic.h"
#include "arch/arm64/smp/cpu.h"
#include "kernel/device_tree/fdt.h"
#include "kernel/lib/panic.h"
#include <tenon/memory.h>

namespace tenon::arch {
namespace {

enum Distributor : usize {
    distributor_control = 0x0000,
    distributor_type = 0x0004,
    group = 0x0080,
    set_enable = 0x0100,
    clear_enable = 0x0180,
    clear_active = 0x0380,
    priority = 0x0400,
    routing = 0x6000,
};
constexpr u32 enable_groups = 0x3;
constexpr u32 affinity_routing = 1 << 4;
constexpr u32 write_pending = 1u << 31;

// A redistributor is two frames of 64 KiB; the second holds the registers of the private interrupts.
constexpr usize redistributor_size = 0x20000;
constexpr usize private_frame = 0x10000;
constexpr usize redistributor_type = 0x0008;
constexpr usize redistributor_waker = 0x0014;
constexpr u32 processor_sleep = 1 << 1;
constexpr u32 children_asleep = 1 << 2;

constexpr u32 default_priority = 0xa0a0a0a0;
constexpr u64 all_but_self = u64{1} << 40;  // ICC_SGI1R_EL1.IRM

// Aff3.Aff2.Aff1.Aff0 as one 32-bit number, as GICR_TYPER has it.
constexpr u32 packed_affinity(u64 hardware_id)
{
    return static_cast<u32>((hardware_id & 0xff'ffff) | ((hardware_id >> 8) & 0xff00'0000));
}

class GicV3 final : public InterruptController {
public:
    GicV3(DeviceMemory distributor, DeviceMemory redistributors)
        : distributor_(std::move(distributor)), redistributors_(std::move(redistributors))
    {
        distributor_.write32(distributor_control, 0);
        wait_for_writes();
        const u32 lines = 32 * ((distributor_.read32(distributor_type) & 0x1f) + 1);
        for (u32 number = first_shared_interrupt; number < lines; number += 32) {
            distributor_.write32(group + number / 8, ~0u);
            distributor_.write32(clear_enable + number / 8, ~0u);
            distributor_.write32(clear_active + number / 8, ~0u);
        }
        for (u32 number = first_shared_interrupt; number < lines; number += 4)
            distributor_.write32(priority + number, default_priority);
        distributor_.write32(distributor_control, affinity_routing | enable_groups);
        wait_for_writes();
        for (u32 number = first_shared_interrupt; number < lines; ++number)
            distributor_.write64(routing + number * 8, this_cpu().hardware_id);
    }

    void initialise_cpu() override
    {
        const usize base = find_redistributor();
        const u32 waker = redistributors_.read32(base + redistributor_waker);
        redistributors_.write32(base + redistributor_waker, waker & ~processor_sleep);
        while ((redistributors_.read32(base + redistributor_waker) & children_asleep) != 0)
            relax();
        const usize own = base + private_frame;
        redistributors_.write32(own + group, ~0u);
        redistributors_.write32(own + clear_active, ~0u);
        redistributors_.write32(own + clear_enable, 0xffff'0000);
        for (u32 number = 0; number < first_shared_interrupt; number += 4)
            redistributors_.write32(own + priority + number, default_priority);
        redistributors_.write32(own + set_enable, 0xffff | (1u << virtual_timer_interrupt));

        u64 system_registers;
        asm volatile("mrs %0, S3_0_C12_C12_5" : "=r"(system_registers));                      // ICC_SRE_EL1
        asm volatile("msr S3_0_C12_C12_5, %0\n\tisb" ::"r"(system_registers | 1) : "memory");
        asm volatile("msr S3_0_C4_C6_0, %0" ::"r"(u64{0xf0}));                                // ICC_PMR_EL1
        asm volatile("msr S3_0_C12_C12_3, xzr");                                              // ICC_BPR1_EL1
        asm volatile("msr S3_0_C12_C12_4, xzr");                                              // ICC_CTLR_EL1
        asm volatile("msr S3_0_C12_C12_7, %0\n\tisb" ::"r"(u64{1}) : "memory");               // ICC_IGRPEN1_EL1
    }

    u32 acknowledge() override
    {
        u64 value;
        asm volatile("mrs %0, S3_0_C12_C12_0\n\tdsb sy" : "=r"(value)::"memory");  // ICC_IAR1_EL1
        return static_cast<u32>(value & 0xff'ffff);
    }

    void end(u32 number) override
    {
        asm volatile("msr S3_0_C12_C12_1, %0\n\tisb" ::"r"(u64{number}) : "memory");  // ICC_EOIR1_EL1
    }

    void enable(u32 number) override { distributor_.write32(set_enable + number / 32 * 4, 1u << (number % 32)); }

    void disable(u32 number) override
    {
        distributor_.write32(clear_enable + number / 32 * 4, 1u << (number % 32));
        wait_for_writes();
    }

    void signal(unsigned cpu, CpuSignal signal) override
    {
        const u64 id = cpus[cpu].hardware_id;
        const u64 level0 = id & 0xff;
        const u64 value = (u64{1} << (level0 & 15)) | (((id >> 8) & 0xff) << 16) | (((id >> 16) & 0xff) << 32) |
                          ((level0 >> 4) << 44) | (((id >> 32) & 0xff) << 48);
        send(value | static_cast<u64>(signal) << 24);
    }

    void signal_others(CpuSignal signal) override { send(all_but_self | static_cast<u64>(signal) << 24); }

private:
    static void send(u64 value)
    {
        asm volatile("dsb ishst\n\tmsr S3_0_C12_C11_5, %0\n\tisb" ::"r"(value) : "memory");  // ICC_SGI1R_EL1
    }

    void wait_for_writes() const
    {
        while ((distributor_.read32(distributor_control) & write_pending) != 0)
            relax();
    }

    // The redistributor of the calling CPU is the one with its affinity.
    usize find_redistributor() const
    {
        const u32 affinity = packed_affinity(this_cpu().hardware_id);
        for (usize base = 0; base + redistributor_size <= redistributors_.size(); base += redistributor_size)
            if (static_cast<u32>(redistributors_.read64(base + redistributor_type) >> 32) == affinity)
                return base;
        panic("a CPU has no interrupt redistributor");
    }

    DeviceMemory distributor_;
    DeviceMemory redistributors_;
};

}  // namespace

InterruptController* make_gic_v3(const void* tree, int node)
{
    const auto registers = node_registers(tree, node, fdt::parent_offset(tree, node));
    if (registers.all().size() < 2)
        return nullptr;
    const auto& redistributors = registers.all()[1];
    auto first = DeviceMemory::map(registers.all()[0].start, registers.all()[0].size());
    auto second = DeviceMemory::map(redistributors.start,
                                    std::min<u64>(redistributors.size(), redistributor_size * max_cpus));
    if (!first || !second)
        return nullptr;
    return new (std::nothrow) GicV3(std::move(*first), std::move(*second));
}

}  // namespace tenon::arch
