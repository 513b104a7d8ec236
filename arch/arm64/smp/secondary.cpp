
#include <algorithm>
#include <string_view>

#include <libfdt.h>

#include "arch/arm64/boot/device_tree.h"
#include "arch/arm64/boot/symbols.h"
#include "arch/arm64/interrupt/controller.h"
#include "arch/arm64/mm/kernel_tables.h"
#include "arch/arm64/smp/cpu.h"
#include "arch/arm64/smp/psci.h"
#include "arch/arm64/time/timer.h"
#include "kernel/boot_info.h"
#include "kernel/proc/scheduler.h"
#include "kernel/thread/cross_call.h"
#include <tenon/log.h>
#include <tenon/time.h>

namespace tenon::arch {

extern "C" const std::byte secondary_start[];

namespace {

// What entry.S loads with the MMU off; it knows the offsets.
struct alignas(64) SecondaryBoot {
    u64 root_table;
    u64 stack_top;
    u64 cpu;
};

constinit SecondaryBoot boot_parameters;
constinit std::atomic<Thread*> boot_thread{nullptr};
constinit std::atomic<unsigned> arrived{0};

constexpr u64 patience = nanoseconds_per_second;

PhysAddr physical_of_image(const void* pointer)
{
    return boot_info().image.start + static_cast<u64>(static_cast<const std::byte*>(pointer) - kernel_start);
}

bool start_cpu(unsigned cpu, u64 hardware_id)
{
    FixedText<15> name("idle/{}", cpu);
    auto thread = Thread::create(name.view(), nullptr, nullptr, nullptr);
    if (!thread)
        return false;
    boot_parameters = {kernel_root_table().value(), (*thread)->stack_top().value(), cpu};
    // To memory, because the new CPU reads with its caches off.
    asm volatile("dc civac, %0\n\tdsb sy" ::"r"(&boot_parameters) : "memory");
    boot_thread = thread->get();
    const auto started =
        psci::start_cpu(hardware_id, physical_of_image(secondary_start), physical_of_image(&boot_parameters).value());
    if (!started)
        return false;
    const u64 deadline = monotonic_now() + patience;
    while (arrived.load(std::memory_order_acquire) != cpu)
        if (monotonic_now() > deadline)
            return false;
    (void)thread->leak();  // the CPU's own now
    return true;
}

// Calls visit(hardware id) for each CPU of the device tree.
template <typename Visit>
void for_each_cpu(Visit&& visit)
{
    const void* tree = device_tree_blob();
    const int parent = fdt_path_offset(tree, "/cpus");
    int node;
    fdt_for_each_subnode(node, tree, parent) {
        const void* type = fdt_getprop(tree, node, "device_type", nullptr);
        const auto hardware_id = cpu_hardware_id(tree, node, parent);
        if (type != nullptr && std::string_view(static_cast<const char*>(type)) == "cpu" && hardware_id)
            visit(*hardware_id);
    }
}

}  // namespace

unsigned present_cpus()
{
    unsigned count = 0;
    for_each_cpu([&](u64) { ++count; });
    return std::clamp(count, 1u, max_cpus);
}

void start_other_cpus()
{
    unsigned next = 1;
    for_each_cpu([&](u64 hardware_id) {
        if (hardware_id == this_cpu().hardware_id || next == max_cpus)
            return;
        if (start_cpu(next, hardware_id))
            ++next;
        else
            log::error("smp", "CPU {:#x} does not start", hardware_id);
    });
}

extern "C" [[noreturn]] void arch_secondary_start(u64 index)
{
    adopt_cpu(static_cast<unsigned>(index));
    UserPageTable::activate_none();
    scheduler::adopt_boot_flow(Ref<Thread>(boot_thread.load()));
    interrupt_controller::initialise_cpu();
    timer::initialise_cpu();
    cross_call::join();
    arrived.store(static_cast<unsigned>(index), std::memory_order_release);
    scheduler::run_idle();
}

}  // namespace tenon::arch
