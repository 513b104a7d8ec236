#include "kernel/main.h"

#include "generated/version.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/log/ring.h"
#include "kernel/mm/frames.h"
#include "kernel/time/clock.h"
#include <tenon/log.h>

namespace tenon {
namespace {

void log_memory()
{
    const auto memory = frames::statistics();
    log::info("memory", "{} MiB, {} KiB free", memory.total_pages >> 8, memory.free_pages << 2);
}

}  // namespace

void kernel_main()
{
    clock::initialise(boot_info().entry_counter);
    log::read_console_arguments();
    log::info("", "Tenon " TENON_VERSION);
    log_memory();
    arch::halt();
}

}  // namespace tenon
