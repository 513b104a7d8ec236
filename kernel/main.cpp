#include "kernel/main.h"

#include "generated/version.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/lib/panic.h"
#include "kernel/log/ring.h"
#include "kernel/mm/frames.h"
#include "kernel/proc/scheduler.h"
#include "kernel/time/clock.h"
#include <tenon/log.h>

namespace tenon {
namespace {

void log_memory()
{
    const auto memory = frames::statistics();
    log::info("memory", "{} MiB, {} KiB free", memory.total_pages >> 8, memory.free_pages << 2);
}

void start_boot_thread()
{
    auto thread = Thread::adopt_boot_flow("idle/0", arch::boot_stack_top());
    expect(thread.has_value(), "no memory for the first thread");
    scheduler::adopt_boot_flow(std::move(*thread));
}

// What may block.
void run_boot_list(void*)
{
    log::info("smp", "{} CPUs", scheduler::online_cpus());
    scheduler::exit_thread();
}

void start_first_thread()
{
    const auto thread = Thread::create("init", run_boot_list, nullptr, nullptr);
    expect(thread.has_value(), "no memory for the first thread");
    scheduler::start_thread(**thread);
}

}  // namespace

void kernel_main()
{
    clock::initialise(boot_info().entry_counter);
    log::read_console_arguments();
    log::info("", "Tenon " TENON_VERSION);
    log_memory();
    arch::initialise_platform();              // power control, interrupt controller, timer
    start_boot_thread();                      // this flow becomes the idle thread of CPU 0
    arch::start_other_cpus();
    start_first_thread();                     // the rest of the list, with blocking allowed
    scheduler::run_idle();
}

}  // namespace tenon
