#include "tests/core/machine/cpu.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "kernel/thread/cross_call.h"
#include "kernel/thread/scheduler.h"
#include "kernel/time/timer.h"

namespace tenon {
namespace machine {
namespace {

constexpr u64 nanoseconds = 1'000'000'000;

std::array<Cpu, arch::max_cpus> cpus;
thread_local Cpu* own_cpu = nullptr;

u64 tick_period()
{
    return arch::counter_frequency() / scheduler::tick_rate;
}

bool is_pending(const Cpu& cpu)
{
    return cpu.pending.load(std::memory_order_relaxed) != 0 || arch::counter() >= std::min(cpu.next_event, cpu.next_tick);
}

void handle_timer(Cpu& cpu, bool from_user)
{
    const u64 now = arch::counter();
    if (now >= cpu.next_event) {
        cpu.next_event = never;
        timers::run_expired();
    }
    if (now >= cpu.next_tick) {
        cpu.next_tick = now + tick_period();
        scheduler::tick(from_user);
    }
}

// Interrupts are on. Whether there were any.
bool take_interrupts(bool from_user)
{
    Cpu& cpu = this_cpu();
    static constexpr arch::UserRegisters registers{};
    bool any = false;
    while (is_pending(cpu)) {
        any = true;
        cpu.takes_interrupts = false;
        cpu.interrupted = &registers;
        const u32 signals = cpu.pending.exchange(0, std::memory_order_relaxed);
        if ((signals & reschedule) != 0)
            scheduler::answer_reschedule();
        if ((signals & call) != 0)
            cross_call::answer();
        handle_timer(cpu, from_user);
        cpu.interrupted = nullptr;
        if (from_user)
            scheduler::note_interrupted_user();
        cpu.takes_interrupts = true;
    }
    return any;
}

// By the bare system call: the library's ways to wait would hand memory over.
void futex(std::atomic<u32>& word, int operation, u32 value, const timespec* timeout)
{
    static_assert(sizeof(word) == sizeof(u32));
    syscall(SYS_futex, &word, operation, value, timeout, nullptr, 0);
}

void send(unsigned cpu, Signal signal)
{
    std::atomic<u32>& pending = cpus[cpu].pending;
    pending.fetch_or(signal, std::memory_order_relaxed);
    futex(pending, FUTEX_WAKE_PRIVATE, 1, nullptr);
}

}  // namespace

// Nothing may be concluded from what it returned before.
[[gnu::noipa]] Cpu& this_cpu()
{
    return *own_cpu;
}

void become_cpu(unsigned index)
{
    own_cpu = &cpus[index];
    own_cpu->index = index;
    own_cpu->next_tick = arch::counter() + tick_period();
}

void run_user_code()
{
    if (take_interrupts(true))
        scheduler::reschedule_if_needed();
}

}  // namespace machine

namespace arch {

using machine::this_cpu;

unsigned cpu_index()
{
    return this_cpu().index;
}

u64 disable_interrupts()
{
    return std::exchange(this_cpu().takes_interrupts, false) ? 1 : 0;
}

void enable_interrupts()
{
    this_cpu().takes_interrupts = true;
    machine::take_interrupts(false);
}

void restore_interrupts(u64 state)
{
    if (state != 0)
        enable_interrupts();
    else
        this_cpu().takes_interrupts = false;
}

bool interrupts_enabled()
{
    if (!this_cpu().takes_interrupts)
        return false;
    machine::take_interrupts(false);
    return true;
}

const UserRegisters* interrupted_registers()
{
    return this_cpu().interrupted;
}

void wait_for_interrupt()
{
    machine::Cpu& cpu = this_cpu();
    while (!machine::is_pending(cpu)) {
        const u64 due = std::min(cpu.next_event, cpu.next_tick);
        const u64 now = counter();
        const u64 rest = due > now ? due - now : 0;
        const timespec timeout{.tv_sec = static_cast<time_t>(rest / machine::nanoseconds), .tv_nsec = static_cast<long>(rest % machine::nanoseconds)};
        machine::futex(cpu.pending, FUTEX_WAIT_PRIVATE, 0, &timeout);
    }
}

// There are fewer processors than CPUs: who is waited for may not be running.
void relax()
{
    sched_yield();
    (void)interrupts_enabled();
}

u64 counter()
{
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<u64>(now.tv_sec) * machine::nanoseconds + static_cast<u64>(now.tv_nsec);
}

u64 counter_frequency()
{
    return machine::nanoseconds;
}

void send_reschedule(unsigned cpu)
{
    machine::send(cpu, machine::Signal::reschedule);
}

void send_call(unsigned cpu)
{
    machine::send(cpu, machine::Signal::call);
}

void synchronise_context()
{
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

void set_timer(u64 deadline)
{
    this_cpu().next_event = deadline;
}

}  // namespace arch
}  // namespace tenon
