#include "arch/arm64/smp/cpu.h"

#include <cstddef>

#include "arch/arm64/boot/layout.h"
#include "arch/arm64/trap/frame_layout.h"

namespace tenon::arch {

static_assert(offsetof(Cpu, emergency_stack_top) == CPU_EMERGENCY_STACK_TOP);

constinit std::array<Cpu, max_cpus> cpus;
constinit std::array<u64, max_cpus> cpu_identities{};

namespace {

constexpr usize emergency_stack_size = 8192;

struct alignas(16) EmergencyStack {
    std::byte bytes[emergency_stack_size];
};
constinit std::array<EmergencyStack, max_cpus> emergency_stacks;

constinit std::atomic<bool> erratum_843419_seen{false};

// Cortex-A53 up to r0p4, unless REVIDR_EL1 says that this one has the mend (Arm's errata notice for it, SDEN-1054323).
bool has_erratum(u64 id)
{
    constexpr u64 implementer_and_part = 0xff00'fff0;
    constexpr u64 cortex_a53 = 0x4100'd030;
    constexpr u64 mended = 1 << 8;
    u64 revision;
    asm("mrs %0, revidr_el1" : "=r"(revision));
    const bool is_early = (id >> 20 & 0xf) == 0 && (id & 0xf) <= 4;
    return (id & implementer_and_part) == cortex_a53 && is_early && (revision & mended) == 0;
}

constexpr u64 affinity_mask = 0xff'00ff'ffff;  // MPIDR_EL1: Aff3, Aff2, Aff1, Aff0

}  // namespace

void adopt_cpu(unsigned index)
{
    Cpu& cpu = cpus[index];
    cpu.index = index;
    cpu.emergency_stack_top = reinterpret_cast<u64>(&emergency_stacks[index]) + emergency_stack_size;
    asm volatile("mrs %0, mpidr_el1" : "=r"(cpu.hardware_id));
    cpu.hardware_id &= affinity_mask;
    asm("mrs %0, midr_el1" : "=r"(cpu_identities[index]));
    if (has_erratum(cpu_identities[index]))
        erratum_843419_seen.store(true, std::memory_order_relaxed);
    asm volatile("msr tpidr_el1, %0\n\tisb" ::"r"(&cpu) : "memory");
}

bool has_erratum_843419()
{
    return erratum_843419_seen.load(std::memory_order_relaxed);
}

void adopt_boot_cpu()
{
    adopt_cpu(0);
}

Thread* current_thread_if_any()
{
    return this_cpu().current;
}

void set_current_thread(Thread& thread)
{
    this_cpu().current = &thread;
}

void wait_for_interrupt()
{
    asm volatile("dsb sy\n\twfi" ::: "memory");
}

u64 counter()
{
    u64 value;
    asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value)::"memory");
    return value;
}

u64 counter_frequency()
{
    u64 value;
    asm volatile("mrs %0, cntfrq_el0" : "=r"(value));
    return value;
}

void halt()
{
    for (;;)
        asm volatile("msr daifset, #15\n\twfi" ::: "memory");
}

}  // namespace tenon::arch
