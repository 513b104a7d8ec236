#include <numeric>

#include "kernel/arch.h"
#include "kernel/dev/interrupt_statistics.h"
#include "kernel/fs/procfs/procfs.h"
#include "kernel/mm/ledger.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/procfs_process.h"
#include "kernel/proc/system_name.h"
#include "kernel/thread/load_average.h"
#include "kernel/thread/scheduler.h"
#include <tenon/time.h>

// What uptime, top and free read about processors and time, in the formats of proc(5).

namespace tenon::procfs {
namespace {

constexpr u64 clock_ticks = 100;  // per second, in what user space sees

u64 to_clock_ticks(u64 counter_ticks)
{
    return counter_ticks / (arch::counter_frequency() / clock_ticks);
}

u64 total_idle_ticks(const scheduler::LoadStatistics& load)
{
    return to_clock_ticks(std::accumulate(std::begin(load.idle_time), std::end(load.idle_time), u64{0}));
}

void print_hundredths(TextSink& out, u64 hundredths)
{
    format_to(out, "{}.{:02}", hundredths / 100, hundredths % 100);
}

void print_uptime(TextSink& out)
{
    print_hundredths(out, monotonic_now() / (nanoseconds_per_second / 100));
    out.write(" ");
    print_hundredths(out, total_idle_ticks(scheduler::statistics()));
    out.write("\n");
}

void print_load(TextSink& out)
{
    for (usize index = 0; index < 3; ++index) {
        print_hundredths(out, (load_average::get(index) * 100) >> load_average::fraction_bits);
        out.write(" ");
    }
    format_to(out, "{}/{} {}\n", scheduler::statistics().runnable, process_table::thread_count(), process_table::last_id());
}

void print_processor_times(TextSink& out, u64 user, u64 system, u64 idle)
{
    format_to(out, " {} 0 {} {} 0 0 0 0 0 0\n", user, system, idle);
}

void print_statistics(TextSink& out)
{
    const auto load = scheduler::statistics();
    const unsigned cpus = scheduler::online_cpus();
    const auto total = [&](const u64(&times)[arch::max_cpus]) {
        return to_clock_ticks(std::accumulate(times, times + cpus, u64{0}));
    };
    out.write("cpu ");
    print_processor_times(out, total(load.user_time), total(load.system_time), total(load.idle_time));
    for (unsigned cpu = 0; cpu < cpus; ++cpu) {
        format_to(out, "cpu{}", cpu);
        print_processor_times(out, to_clock_ticks(load.user_time[cpu]), to_clock_ticks(load.system_time[cpu]),
                              to_clock_ticks(load.idle_time[cpu]));
    }
    const u64 boot_time = (realtime_now() - monotonic_now()) / nanoseconds_per_second;
    format_to(out, "intr 0\nctxt {}\nbtime {}\nprocesses {}\nprocs_running {}\nprocs_blocked 0\n", load.context_switches,
              boot_time, process_table::count(), load.runnable);
}

void print_processors(TextSink& out)
{
    for (unsigned cpu = 0; cpu < scheduler::online_cpus(); ++cpu) {
        format_to(out, "processor\t: {}\n", cpu);
        arch::print_processor(cpu, out);
        out.write("\n");
    }
}

}  // namespace

Result<> add_system_files()
{
    pseudo::Directory& root = procfs::root();
    constexpr u32 readable = 0444;
    TRY(root.add_file("cpuinfo", readable, print_processors));
    TRY(root.add_file("interrupts", readable, arch::describe_interrupts));
    TRY(root.add_file("ledger", readable, ledger::describe));
    TRY(root.add_file("loadavg", readable, print_load));
    TRY(root.add_file("stat", readable, print_statistics));
    TRY(root.add_file("uptime", readable, print_uptime));
    return root.add_file("version", readable, system_name::print_version);
}

}  // namespace tenon::procfs
