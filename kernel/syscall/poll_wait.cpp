#include "kernel/syscall/poll_wait.h"

#include <new>

#include "kernel/thread/scheduler.h"

namespace tenon::syscall {

PollWaiters::PollWaiters()
{
    scheduler::prepare_to_block();
}

PollWaiters::~PollWaiters()
{
    scheduler::cancel_block();
    for (Block* block = &first_; block != nullptr; block = block->next.get())
        for (Entry& entry : block->entries)
            if (entry.queue != nullptr)
                entry.queue->cancel(entry.waiter);
}

void PollWaiters::add(WaitQueue& queue)
{
    if (used_in_last_ == per_block) {
        last_->next.reset(new (std::nothrow) Block);
        if (!last_->next) {
            complete_ = false;
            return;
        }
        last_ = last_->next.get();
        last_->charge = ledger::Charge(ledger::Kind::calls, sizeof(Block));
        used_in_last_ = 0;
    }
    Entry& entry = last_->entries[used_in_last_++];
    entry.queue = &queue;
    queue.prepare(entry.waiter);
}

}  // namespace tenon::syscall
