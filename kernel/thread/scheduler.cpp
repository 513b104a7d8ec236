#include "kernel/thread/scheduler.h"

#include <bit>

#include "kernel/lib/cpu_set.h"
#include "kernel/lib/panic.h"
#include "kernel/thread/run_queue.h"
#include <tenon/time.h>

namespace tenon::scheduler {

static_assert(arch::max_cpus <= cpu_set_size);
std::array<RunQueue, arch::max_cpus> queues;
constinit std::atomic<CpuSet> online{0};

namespace {

RunQueue& this_queue()
{
    return queues[arch::cpu_index()];
}

void enqueue(Thread& thread);

// On the stack of the thread that was switched to; releases the lock that the thread before took. Who sees that one on no CPU may reuse
// its stack (litmus: Waiting.StackOfAThreadThatHasLeft).
void finish_switch()
{
    RunQueue& queue = this_queue();
    Thread* previous = std::exchange(queue.previous, nullptr);
    previous->on_cpu.store(false, std::memory_order_release);
    const bool is_dead = previous->state.load(std::memory_order_relaxed) == Thread::State::dead;
    const bool moves = std::exchange(queue.previous_moves, false);
    queue.lock.unlock();
    if (is_dead)
        Ref<Thread>::adopt(previous).reset();
    if (moves)
        enqueue(*previous);
}

// The queue's lock is held.
void note_stay(RunQueue& queue)
{
    const u64 since = std::exchange(queue.asked_since, 0);
    const u64 now = monotonic_now();
    Thread& thread = *queue.current;
    if (now <= since || now - since <= queue.longest_stay.nanoseconds)
        return;
    queue.longest_stay.nanoseconds = now - since;
    queue.longest_stay.thread.clear();
    queue.longest_stay.thread.write(thread.name());
    queue.longest_stay.system_call = 0;
    if (thread.process() != nullptr)
        queue.longest_stay.system_call = arch::user_registers(thread).system_call_number;
}

// The queue's lock is held and interrupts were off before it was taken. Returns when the thread runs again, lock released.
void switch_to(RunQueue& queue, Thread& next)
{
    Thread& previous = *queue.current;
    pass_quiescent_point(queue);
    if (queue.asked_since != 0) [[unlikely]]
        note_stay(queue);
    if (&previous == &next) {
        queue.lock.unlock();
        return;
    }
    queue.current = &next;
    next.on_cpu.store(true, std::memory_order_relaxed);
    queue.previous = &previous;
    queue.switches.fetch_add(1, std::memory_order_relaxed);
    next.need_reschedule.store(false, std::memory_order_relaxed);
    next.activate_memory();
    arch::switch_threads(previous, next);
    finish_switch();
}

// The current thread stays runnable or not as its state says. Interrupts are off. Who yields lets another one run, whatever
// their shares.
void schedule()
{
    RunQueue& queue = this_queue();
    queue.lock.lock();
    queue.charge_current();
    Thread& current = *queue.current;
    const bool goes_on = current.state.load(std::memory_order_relaxed) == Thread::State::runnable;
    const bool stays = &current == queue.idle || (goes_on && current.may_run_on(arch::cpu_index()));
    if (!stays) {
        queue.previous_moves = goes_on;
        queue.leave(current);
    }
    if (!queue.has_ready()) {
        switch_to(queue, stays ? current : *queue.idle);
        return;
    }
    Thread& next = queue.take_first();
    if (stays && &current != queue.idle)
        queue.insert(current);
    switch_to(queue, next);
}

// Where a thread that becomes ready runs best: its last CPU when that is idle, else an idle one, else its last; one that it may run on.
unsigned choose_cpu(const Thread& thread)
{
    const unsigned last = thread.cpu.load(std::memory_order_relaxed);
    if (thread.may_run_on(last) && queues[last].idling.load(std::memory_order_relaxed))
        return last;
    unsigned allowed = thread.may_run_on(last) ? last : arch::max_cpus;
    const CpuSet present = online.load(std::memory_order_relaxed);
    for (unsigned cpu = 0; cpu < arch::max_cpus; ++cpu) {
        const RunQueue& queue = queues[cpu];
        if (!thread.may_run_on(cpu) || (present & set_of_cpu(cpu)) == 0)
            continue;
        if (queue.idling.load(std::memory_order_relaxed) && queue.length.load(std::memory_order_relaxed) == 0)
            return cpu;
        if (allowed == arch::max_cpus)
            allowed = cpu;
    }
    return allowed == arch::max_cpus ? last : allowed;
}

// `thread` is runnable, on no queue and runs nowhere.
void enqueue(Thread& thread, unsigned cpu)
{
    for (;; cpu = choose_cpu(thread)) {
        RunQueue& queue = queues[cpu];
        bool needs_kick;
        {
            LockGuard guard(queue.lock);
            // Either this sees what set_allowed_cpus has stored, or that sees the new CPU (both are sequentially consistent;
            // litmus: Waiting.AllowedCpusAndTheOneChosen).
            thread.cpu.store(cpu, std::memory_order_seq_cst);
            if (!thread.may_run_on(cpu) && choose_cpu(thread) != cpu)
                continue;
            queue.enter(thread);
            needs_kick = queue.current == queue.idle;
        }
        if (needs_kick && cpu != arch::cpu_index())
            arch::send_reschedule(cpu);
        return;
    }
}

void enqueue(Thread& thread)
{
    enqueue(thread, choose_cpu(thread));
}

Thread* steal_from(RunQueue& queue)
{
    LockGuard guard(queue.lock);
    Thread* const thread = queue.take_first_for(arch::cpu_index());
    if (thread != nullptr)
        queue.leave(*thread);
    return thread;
}

// Takes a waiting thread from the CPU with the most of them, or from another one when those may not leave; null when nobody has one
// to spare.
Thread* steal()
{
    RunQueue* busiest = nullptr;
    u32 longest = 0;
    for (RunQueue& queue : queues) {
        const u32 length = queue.length.load(std::memory_order_relaxed);
        if (&queue != &this_queue() && length > longest) {
            busiest = &queue;
            longest = length;
        }
    }
    if (busiest == nullptr)
        return nullptr;
    Thread* thread = steal_from(*busiest);
    for (auto queue = queues.begin(); thread == nullptr && queue != queues.end(); ++queue)
        if (queue != busiest && queue->length.load(std::memory_order_relaxed) != 0)
            thread = steal_from(*queue);
    return thread;
}

}  // namespace

void start_thread(Thread& thread)
{
    thread.acquire();
    if (thread.process() != nullptr) {
        const Thread& parent = arch::current_thread();
        thread.share.inherit(parent.share);
        thread.allowed_cpus.store(parent.allowed_cpus.load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
    thread.cpu.store(arch::cpu_index(), std::memory_order_relaxed);
    thread.state.store(Thread::State::runnable, std::memory_order_relaxed);
    enqueue(thread);
}

void begin_thread(void* thread)
{
    finish_switch();
    arch::enable_interrupts();
    static_cast<Thread*>(thread)->run_entry();
    panic("a thread's entry function returned");
}

void yield()
{
    const u64 interrupts = arch::disable_interrupts();
    schedule();
    arch::restore_interrupts(interrupts);
}

void exit_thread()
{
    arch::disable_interrupts();
    arch::current_thread().state.store(Thread::State::dead, std::memory_order_relaxed);
    schedule();
    panic("a dead thread was scheduled");
}

void prepare_to_block()
{
    // Pairs with the look at `state` in wake(): who changed something before that, this thread sees the change from here on, or it is
    // seen to sleep (litmus: Waiting.SignalsReachSleepers). A store alone, however strong, orders no plain load behind it.
    arch::current_thread().state.store(Thread::State::sleeping, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
}

// Against a wake() that is under way (litmus: Waiting.SignalsReachSleepers).
void cancel_block()
{
    arch::current_thread().state.store(Thread::State::runnable, std::memory_order_seq_cst);
}

// An interrupt handler cannot sleep: the CPU would take no more interrupts, and whoever runs next would return from this one.
void block()
{
    expect(arch::interrupted_registers() == nullptr, "an interrupt handler went to sleep");
    const u64 interrupts = arch::disable_interrupts();
    schedule();
    arch::restore_interrupts(interrupts);
}

// Pairs with the fence in prepare_to_block() (litmus: Waiting.SignalsReachSleepers).
void wake(Thread& thread)
{
    if (thread.state.load(std::memory_order_seq_cst) != Thread::State::sleeping)
        return;
    for (;;) {
        const unsigned cpu = thread.cpu.load(std::memory_order_relaxed);
        RunQueue& queue = queues[cpu];
        LockGuard guard(queue.lock);
        if (thread.cpu.load(std::memory_order_relaxed) != cpu)
            continue;
        auto expected = Thread::State::sleeping;
        if (!thread.state.compare_exchange_strong(expected, Thread::State::runnable))
            return;
        if (&thread == queue.current)
            return;  // it has not left yet and will see that it need not
        break;
    }
    enqueue(thread);
}

// Against enqueue(), which may put the thread on a CPU meanwhile (litmus: Waiting.AllowedCpusAndTheOneChosen).
void set_allowed_cpus(Thread& thread, CpuSet cpus)
{
    enum class Place : u8 { elsewhere, running, ready };
    Place place;
    unsigned cpu;
    do {
        cpu = thread.cpu.load(std::memory_order_seq_cst);
        RunQueue& queue = queues[cpu];
        LockGuard guard(queue.lock);
        const bool is_ready = thread.ready_on.load(std::memory_order_relaxed) == &queue;
        place = &thread == queue.current ? Place::running : is_ready ? Place::ready : Place::elsewhere;
        thread.allowed_cpus.store(cpus, std::memory_order_seq_cst);
        if (thread.cpu.load(std::memory_order_seq_cst) != cpu)
            continue;
        if (thread.may_run_on(cpu))
            return;
        if (place == Place::running)
            thread.need_reschedule.store(true, std::memory_order_relaxed);
        if (place == Place::ready) {
            queue.take(thread);
            queue.leave(thread);
        }
    } while (thread.cpu.load(std::memory_order_seq_cst) != cpu);
    if (&thread == &arch::current_thread())
        yield();
    else if (place == Place::running)
        arch::send_reschedule(cpu);
    else if (place == Place::ready)
        enqueue(thread);
}

void tick(bool from_user)
{
    RunQueue& queue = this_queue();
    Thread& thread = *queue.current;
    const u64 elapsed = arch::counter_frequency() / tick_rate;
    if (&thread == queue.idle) {
        queue.idle_time.fetch_add(elapsed, std::memory_order_relaxed);
        return;
    }
    (from_user ? queue.user_time : queue.system_time).fetch_add(elapsed, std::memory_order_relaxed);
    (from_user ? thread.user_time : thread.system_time).fetch_add(elapsed, std::memory_order_relaxed);
    {
        LockGuard guard(queue.lock);
        queue.charge_current();
        if (queue.is_over_share())
            thread.need_reschedule.store(true, std::memory_order_relaxed);
    }
    thread.note_tick();
}

void charge_caller()
{
    const u64 interrupts = arch::disable_interrupts();
    {
        RunQueue& queue = this_queue();
        LockGuard guard(queue.lock);
        queue.charge_current();
    }
    arch::restore_interrupts(interrupts);
}

void reschedule_if_needed()
{
    std::atomic<bool>& needed = arch::current_thread().need_reschedule;
    if (!needed.load(std::memory_order_relaxed)) [[likely]]
        return;
    needed.store(false, std::memory_order_relaxed);
    yield();
}

// Who sees the CPU online sees its queue set up (litmus: Publication.ArrivalOfACpu).
void adopt_boot_flow(Ref<Thread> thread)
{
    const unsigned cpu = arch::cpu_index();
    RunQueue& queue = queues[cpu];
    thread->cpu.store(cpu, std::memory_order_relaxed);
    {
        // Others look at every queue, whether its CPU is there or not.
        LockGuard guard(queue.lock);
        queue.idle = thread.get();
        queue.current = thread.leak();
    }
    queue.current->on_cpu.store(true, std::memory_order_relaxed);
    arch::set_current_thread(*queue.current);
    online.fetch_or(set_of_cpu(cpu), std::memory_order_release);
}

void run_idle()
{
    RunQueue& queue = this_queue();
    for (;;) {
        arch::disable_interrupts();
        // As at a quiescent point: what the CPU did before is done (release), and it is nowhere until it says that it is awake
        // (litmus: Quiescence.SleepingCpusAreNotWaitedFor).
        queue.idling.store(true, std::memory_order_seq_cst);
        if (queue.length.load(std::memory_order_seq_cst) == 0) {
            if (Thread* stolen = steal())
                enqueue(*stolen, arch::cpu_index());
            else
                arch::wait_for_interrupt();
        }
        // Pairs with cross_call::synchronise_contexts() and wait_for_quiescence(), which ask nothing of a CPU that they saw asleep:
        // whatever they changed before they looked holds for everything from here on (litmus: Quiescence.SleepingCpusAreNotWaitedFor).
        queue.idling.store(false, std::memory_order_relaxed);
        std::atomic_thread_fence(std::memory_order_seq_cst);
        arch::synchronise_context();
        arch::enable_interrupts();  // takes what is pending
        yield();
    }
}

// Pairs with the fences in run_idle() (litmus: Quiescence.SleepingCpusAreNotWaitedFor).
bool is_asleep(unsigned cpu)
{
    return queues[cpu].idling.load(std::memory_order_seq_cst);
}

// Pairs with adopt_boot_flow() (litmus: Publication.ArrivalOfACpu).
unsigned online_cpus()
{
    return static_cast<unsigned>(std::popcount(online.load(std::memory_order_acquire)));
}

}  // namespace tenon::scheduler
