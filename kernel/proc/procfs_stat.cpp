#include <algorithm>

#include "kernel/dev/tty/terminal.h"
#include "kernel/lib/cpu_set.h"
#include "kernel/proc/process_access.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/procfs_process.h"
#include "kernel/proc/resource_usage.h"
#include "kernel/proc/signal.h"
#include "kernel/thread/scheduler.h"

// /proc/PID/stat, statm and status (proc(5)).

namespace tenon::procfs {

namespace {

constexpr u64 nanoseconds_per_clock_tick = 10'000'000;
constexpr u64 kib_per_page = page_size / 1024;

struct StateName {
    char letter;
    std::string_view words;
};

StateName state_of(const Process& process, const UserThread& thread)
{
    if (process.state == Process::State::zombie || thread.state.load() == Thread::State::dead)
        return {'Z', "zombie"};
    if (process.state == Process::State::stopped)
        return {'T', "stopped"};
    if (thread.state.load() == Thread::State::runnable)
        return {'R', "running"};
    return {'S', "sleeping"};
}

AddressSpace::Usage usage_of(const AddressSpace* memory)
{
    return memory != nullptr ? memory->usage() : AddressSpace::Usage();
}

// Where things stand in memory is for those alone who may look into it.
AddressSpace::Strings strings_of(const Process& process, const AddressSpace* memory)
{
    return memory != nullptr && process_access::may_inspect(process, memory) ? memory->strings() : AddressSpace::Strings();
}

struct SignalMasks {
    SignalSet own;  // pending for the thread alone
    SignalSet pending;
    SignalSet blocked;
    SignalSet ignored;
    SignalSet caught;
};

SignalMasks signals_of(const Process& process, const UserThread& thread)
{
    SignalMasks masks{.own = process.signals->pending(thread),
                      .pending = process.signals->pending(),
                      .blocked = thread.signals.blocked,
                      .ignored = {},
                      .caught = {}};
    for (int number = 1; number <= signal_number::count; ++number) {
        const SignalAction action = process.signals->action(number);
        if (action.is_ignored())
            masks.ignored.add(number);
        if (action.has_handler())
            masks.caught.add(number);
    }
    return masks;
}

void describe_credentials(TextSink& out, const Credentials& who)
{
    format_to(out, "Uid:\t{}\t{}\t{}\t{}\n", who.user.real, who.user.effective, who.user.saved, who.user.file);
    format_to(out, "Gid:\t{}\t{}\t{}\t{}\nGroups:\t", who.group.real, who.group.effective, who.group.saved, who.group.file);
    if (who.supplementary_groups)
        for (const u32 group : who.supplementary_groups->view())
            format_to(out, "{} ", group);
    out.write("\n");
}

void describe_capabilities(TextSink& out, const Credentials& who)
{
    format_to(out, "CapInh:\t{:016x}\nCapPrm:\t{:016x}\nCapEff:\t{:016x}\nCapBnd:\t{:016x}\nCapAmb:\t{:016x}\nNoNewPrivs:\t{}\n",
              who.inheritable.bits(), who.permitted.bits(), who.effective.bits(), who.bounding.bits(), who.ambient.bits(),
              who.no_new_privileges ? 1 : 0);
}

// As a mask and as a list of ranges.
void describe_processors(TextSink& out, const UserThread& thread)
{
    const unsigned count = scheduler::online_cpus();
    format_to(out, "Cpus_allowed:\t{:x}\nCpus_allowed_list:\t", thread.allowed_cpus.load() & set_of_first_cpus(count));
    std::string_view separator;
    for (unsigned first = 0; first < count; ++first) {
        if (!thread.may_run_on(first))
            continue;
        unsigned last = first;
        while (last + 1 < count && thread.may_run_on(last + 1))
            ++last;
        format_to(out, last == first ? "{}{}" : "{}{}-{}", separator, first, last);
        separator = ",";
        first = last;
    }
    out.write("\n");
}

usize thread_count(const Process& process)
{
    LockGuard guard(process_table::lock);
    return std::max<usize>(1, process.threads.size());
}

}  // namespace

void describe_stat(TextSink& out, const Task& task, AddressSpace* memory)
{
    const Process& process = *task.process;
    const auto thread = task.shown_thread();
    const Terminal* terminal = process.terminal.load();
    const auto usage = usage_of(memory);
    const auto strings = strings_of(process, memory);
    const auto signals = signals_of(process, *thread);
    const auto times = task.thread ? Process::Times::of(*thread) : process.times();
    // Fields 1 to 13: identity; page faults are not counted.
    format_to(out, "{} ({}) {} {} {} {} {} ", thread->id(), thread->name(), state_of(process, *thread).letter,
              process.parent_id.load(), process.group, process.session, terminal == nullptr ? 0 : terminal->number.encode());
    format_to(out, "{} 0 0 0 0 0 ", terminal == nullptr ? i64{-1} : i64{terminal->foreground_group()});
    // 14 to 22: times, priorities, threads, start.
    constexpr int priority_of_nice_zero = 20;
    const int nice = thread->share.nice();
    format_to(out, "{} {} {} {} {} {} {} 0 {} ", clock_ticks(times.user), clock_ticks(times.system),
              clock_ticks(process.children_times.user), clock_ticks(process.children_times.system), priority_of_nice_zero + nice, nice,
              thread_count(process), (task.thread ? thread->start_time : process.start_time) / nanoseconds_per_clock_tick);
    // 23 to 30: memory.
    format_to(out, "{} {} {} 0 0 0 0 0 ", usage.mapped_pages * page_size, usage.resident_pages, ResourceLimit::infinity);
    // 31 to 38: signals, exit signal.
    format_to(out, "{} {} {} {} 0 0 0 {} ", signals.own.bits(), signals.blocked.bits(), signals.ignored.bits(),
              signals.caught.bits(), task.thread ? -1 : process.exit_signal);
    // 39 to 52: processor, real-time priority, policy, then what is not kept, the argument area and the exit status, which only those see
    // who may look into the process.
    format_to(out, "{} 0 {} 0 0 0 0 0 0 {} {} {} {} {}\n", thread->cpu.load(), static_cast<u32>(thread->share.policy()),
              strings.arguments, strings.environment, strings.environment, strings.end,
              process_access::may_inspect(process, memory) ? process.exit_status : 0);
}

void describe_statm(TextSink& out, const Task&, AddressSpace* memory)
{
    const auto usage = usage_of(memory);
    format_to(out, "{} {} {} {} 0 {} 0\n", usage.mapped_pages, usage.resident_pages, usage.shared_pages, usage.text_pages,
              usage.data_pages + usage.stack_pages);
}

void describe_status(TextSink& out, const Task& task, AddressSpace* memory)
{
    const Process& process = *task.process;
    const auto thread = task.shown_thread();
    const auto usage = usage_of(memory);
    const auto signals = signals_of(process, *thread);
    const StateName state = state_of(process, *thread);
    const auto who = thread->share_credentials();
    format_to(out, "Name:\t{}\n", thread->name());
    format_to(out, "State:\t{} ({})\nTgid:\t{}\nPid:\t{}\nPPid:\t{}\nTracerPid:\t0\n", state.letter, state.words, process.id,
              thread->id(), process.parent_id.load());
    describe_credentials(out, *who);
    format_to(out, "VmSize:\t{:>8} kB\nVmLck:\t{:>8} kB\nVmRSS:\t{:>8} kB\nVmData:\t{:>8} kB\nVmStk:\t{:>8} kB\nVmExe:\t{:>8} kB\n",
              usage.mapped_pages * kib_per_page, usage.locked_pages * kib_per_page, usage.resident_pages * kib_per_page, usage.data_pages * kib_per_page,
              usage.stack_pages * kib_per_page, usage.text_pages * kib_per_page);
    format_to(out, "Threads:\t{}\nSigPnd:\t{:016x}\nShdPnd:\t{:016x}\nSigBlk:\t{:016x}\nSigIgn:\t{:016x}\nSigCgt:\t{:016x}\n",
              thread_count(process), signals.own.bits(), signals.pending.bits(), signals.blocked.bits(), signals.ignored.bits(),
              signals.caught.bits());
    describe_capabilities(out, *who);
    describe_processors(out, *thread);
}

}  // namespace tenon::procfs
