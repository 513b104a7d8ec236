#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "arch/arm64/boot/device_tree.h"
#include "arch/arm64/boot/symbols.h"
#include "arch/arm64/interrupt/controller.h"
#include "arch/arm64/mm/kernel_tables.h"
#include "arch/arm64/smp/cpu.h"
#include "arch/arm64/smp/psci.h"
#include "arch/arm64/time/timer.h"
#include "kernel/boot_info.h"
#include "kernel/device_tree/fdt.h"
#include "kernel/thread/cross_call.h"
#include "kernel/thread/scheduler.h"
#include <tenon/log.h>
#include <tenon/time.h>

namespace tenon::arch {

extern "C" const std::byte secondary_start[];

// What the CPU that is being started and the one that waits for it agree on.
enum class Arrival : u32 {
    awaited,
    begun,      // by the new CPU: it is coming up, and will be waited for
    running,
    given_up,   // by the waiting CPU: whoever arrives now switches itself off
};

// One attempt to start a CPU. When PSCI has accepted it, it is never used again: its CPU may read it and stand on its stack at any later
// time. entry.S loads the first three words with the MMU off; it knows the offsets.
struct alignas(64) Attempt {
    u64 root_table = 0;
    u64 stack_top = 0;
    Attempt* self = nullptr;
    Thread* idle = nullptr;  // the attempt's own reference
    unsigned cpu = 0;
    std::atomic<Arrival> arrival{Arrival::awaited};
};
static_assert(sizeof(Attempt) == 64);

namespace {

constinit std::array<Attempt, max_cpus> attempts;

// How long a CPU may take. The boot argument is in milliseconds.
u64 patience()
{
    u64 milliseconds = 1000;
    if (const auto text = boot_argument("cpu_start_timeout"))
        std::from_chars(text->data(), text->data() + text->size(), milliseconds);
    return milliseconds * (nanoseconds_per_second / 1000);
}

PhysAddr physical_of_image(const void* pointer)
{
    return boot_info().image.start + static_cast<u64>(static_cast<const std::byte*>(pointer) - kernel_start);
}

// Whether PSCI accepts. If so, the idle thread belongs to the attempt for good.
bool request_start(Attempt& attempt, unsigned cpu, u64 hardware_id)
{
    FixedText<15> name("idle/{}", cpu);
    auto thread = Thread::create(name.view(), nullptr, nullptr);
    if (!thread)
        return false;
    attempt.root_table = kernel_root_table().value();
    attempt.stack_top = (*thread)->stack_top().value();
    attempt.self = &attempt;
    attempt.idle = thread->get();
    attempt.cpu = cpu;
    // To memory, because the new CPU reads with its caches off.
    asm volatile("dc civac, %0\n\tdsb sy" ::"r"(&attempt) : "memory");
    if (!psci::start_cpu(hardware_id, physical_of_image(secondary_start), physical_of_image(&attempt).value()))
        return false;
    (void)thread->leak();
    return true;
}

// Whether the CPU of the attempt has come in time.
bool wait_for_arrival(Attempt& attempt)
{
    const u64 deadline = monotonic_now() + patience();
    for (;;) {
        if (attempt.arrival.load(std::memory_order_acquire) == Arrival::running)
            return true;
        auto expected = Arrival::awaited;
        if (monotonic_now() > deadline && attempt.arrival.compare_exchange_strong(expected, Arrival::given_up))
            return false;
    }
}

// Calls visit(hardware id) for each CPU of the device tree.
template <typename Visit>
void for_each_cpu(Visit&& visit)
{
    const void* tree = device_tree_blob();
    const int parent = fdt::path_offset(tree, "/cpus");
    for (int node = fdt::first_subnode(tree, parent); node >= 0; node = fdt::next_subnode(tree, node)) {
        const void* type = fdt::getprop(tree, node, "device_type", nullptr);
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
    usize used = 0;
    for_each_cpu([&](u64 hardware_id) {
        if (hardware_id == this_cpu().hardware_id || next == max_cpus || used == attempts.size())
            return;
        if (!request_start(attempts[used], next, hardware_id))
            log::error("smp", "CPU {:#x} cannot be started", hardware_id);
        else if (wait_for_arrival(attempts[used++]))
            ++next;
        else
            log::error("smp", "CPU {:#x} does not start in time", hardware_id);
    });
}

// Nothing of the CPU's is touched before the attempt is found to be still on: its number may be another CPU's by now.
extern "C" [[noreturn]] void arch_secondary_start(Attempt& attempt)
{
    auto expected = Arrival::awaited;
    if (!attempt.arrival.compare_exchange_strong(expected, Arrival::begun)) {
        psci::switch_off_this_cpu();
        halt();
    }
    adopt_cpu(attempt.cpu);
    UserPageTable::activate_none();
    scheduler::adopt_boot_flow(Ref<Thread>::adopt(attempt.idle));
    interrupt_controller::initialise_cpu();
    timer::initialise_cpu();
    cross_call::join();
    attempt.arrival.store(Arrival::running, std::memory_order_release);
    scheduler::run_idle();
}

}  // namespace tenon::arch
