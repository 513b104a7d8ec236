#include "kernel/main.h"

#include "generated/version.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/debug/stack_guard.h"
#include "kernel/dev/bus/device_tree.h"
#include "kernel/dev/device_numbers.h"
#include "kernel/dev/kmsg/kmsg.h"
#include "kernel/dev/memory/memory_devices.h"
#include "kernel/dev/random/random.h"
#include "kernel/dev/serial/pl011.h"
#include "kernel/fs/devfs/devfs.h"
#include "kernel/fs/initramfs/initramfs.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/pipe/pipe_file_system.h"
#include "kernel/fs/procfs/procfs.h"
#include "kernel/fs/procfs/sysctl.h"
#include "kernel/fs/ramfs/ramfs.h"
#include "kernel/fs/sysfs/cpu_files.h"
#include "kernel/fs/sysfs/sysfs.h"
#include "kernel/lib/panic.h"
#include "kernel/log/ring.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/user_placement.h"
#include "kernel/module/module_files.h"
#include "kernel/module/module_system.h"
#include "kernel/proc/init.h"
#include "kernel/proc/kernel_latency.h"
#include "kernel/proc/procfs_process.h"
#include "kernel/proc/system_name.h"
#include "kernel/thread/load_average.h"
#include "kernel/thread/scheduler.h"
#include "kernel/time/clock.h"
#include <tenon/log.h>

namespace tenon {
namespace {

void log_banner()
{
    u64 memory = 0;
    for (const auto& range : boot_info().memory.all())
        memory += range.size();
    log::info("", "Tenon " TENON_VERSION " ({}, entered at EL{}): {} CPUs, {} MiB", arch::name, boot_info().entry_level,
              arch::present_cpus(), memory >> 20);
    log::info("", "command line: {}", boot_info().command_line.view());
    if (boot_info().command_line.truncated())
        log::warning("", "the command line is cut: only {} bytes of it count", BootInfo::command_line_max);
    const auto frames = frames::statistics();
    log::info("memory", "{} KiB in pages, {} KiB free", frames.total_pages << 2, frames.free_pages << 2);
}

void start_boot_thread()
{
    auto thread = Thread::adopt_boot_flow("idle/0", arch::boot_stack_top());
    expect(thread.has_value(), "no memory for the first thread");
    scheduler::adopt_boot_flow(std::move(*thread));
}

// Nothing can go on when a step of the boot list fails.
void require(std::string_view step, Result<> result)
{
    if (!result)
        panic(FixedText<80>("{}: {}", step, result.error()).view());
}

// What may block.
void run_boot_list(void*)
{
    log::info("smp", "{} CPUs online", scheduler::online_cpus());
    require("ramfs", ramfs::initialise());
    require("root", mounts::mount_root("ramfs"));                    // names work from here on
    require("pipes", pipe_file_system::initialise());
    require("devfs", devfs::initialise());                           // drivers may register devices
    require("procfs", procfs::initialise());
    require("processes in /proc", procfs::add_processes());
    require("processors in /proc", procfs::add_system_files());
    require("values in /proc/sys", sysctl::initialise());
    require("sysfs", sysfs::initialise());
    require("processors in /sys", sysfs::add_cpus());
    require("device numbers in /sys", create_number_files());
    require("modules", module_system::initialise());
    require("module files", create_module_files());
    require("memory devices", memory_devices::initialise());         // /dev/null and its like
    require("kmsg", kmsg::initialise());
    require("load average", load_average::initialise());
    require("kernel latency", kernel_latency::initialise());
    pl011::initialise();                                             // the console becomes a terminal
    require("devices", device_tree::add_devices(arch::device_tree_blob()));
    require("first entries of /", initramfs::make_first_entries());
    initramfs::unpack_boot_image();
    require("init", start_init());                                   // the first process
    scheduler::exit_thread();
}

void start_first_thread()
{
    const auto thread = Thread::create("init", run_boot_list, nullptr);
    expect(thread.has_value(), "no memory for the first thread");
    scheduler::start_thread(**thread);
}

}  // namespace

void kernel_main()
{
    clock::initialise(boot_info().entry_counter);
    random::initialise();
    stack_guard::choose();
    log::read_console_arguments();
    system_name::read_boot_arguments();
    user_randomisation::read_boot_arguments();
    log_banner();
    arch::initialise_platform();              // power control, interrupt controller, timer
    start_boot_thread();                      // this flow becomes the idle thread of CPU 0
    arch::start_other_cpus();
    start_first_thread();                     // the rest of the list, with blocking allowed
    scheduler::run_idle();
}

}  // namespace tenon
