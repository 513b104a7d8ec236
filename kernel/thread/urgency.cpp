// Threads on which others have to wait.

#include "kernel/thread/run_queue.h"
#include "kernel/thread/scheduler.h"
#include <tenon/sync.h>

namespace tenon {
namespace scheduler {

// Either this sees the CPU that enqueue() has just stored, or that sees the urgency (all are sequentially consistent;
// litmus: Waiting.UrgencyAndTheQueueChosen).
void hurry(Thread& thread)
{
    unsigned cpu;
    do {
        cpu = thread.cpu.load(std::memory_order_seq_cst);
        RunQueue& queue = queues[cpu];
        LockGuard guard(queue.lock);
        queue.hurry(thread);
    } while (thread.cpu.load(std::memory_order_seq_cst) != cpu);
}

void begin_urgency(Thread& thread)
{
    thread.urgency.fetch_add(1);
    if (&thread != &arch::current_thread())
        hurry(thread);
}

void end_urgency()
{
    Thread& thread = arch::current_thread();
    // What was borrowed is given back at the next chance.
    if (thread.urgency.fetch_sub(1) == 1 && thread.borrows)
        thread.need_reschedule.store(true, std::memory_order_relaxed);
}

}  // namespace scheduler

Urgent::Urgent()
{
    scheduler::begin_urgency(arch::current_thread());
}

Urgent::~Urgent()
{
    scheduler::end_urgency();
}

}  // namespace tenon
