#include "kernel/thread/blocking.h"

#include "kernel/lib/bug.h"
#include "kernel/thread/run_queue.h"
#include "kernel/thread/sanitizer/lock_order.h"

namespace tenon {

void report_blocking()
{
    if (arch::interrupted_registers() != nullptr)
        return report_bug("blocking call in an interrupt");
    // A CPU's boot flow, with interrupts off and nobody else to run, may take free mutexes; as the idle thread it calls nothing.
    const Thread* const thread = arch::current_thread_if_any();
    if (thread == nullptr || thread == scheduler::queues[arch::cpu_index()].idle)
        return;
    report_bug("blocking call with a spinlock held or interrupts off");
    lock_order::print_held();
}

}  // namespace tenon
