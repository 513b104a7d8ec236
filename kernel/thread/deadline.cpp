#include "kernel/thread/deadline.h"

#include "kernel/thread/scheduler.h"

namespace tenon {

namespace {

struct {
    Spinlock lock;
    boost::intrusive::list<RealtimeWait> all;
} waits;

}  // namespace

RealtimeWait::RealtimeWait() : thread_(arch::current_thread())
{
    LockGuard guard(waits.lock);
    waits.all.push_back(*this);
}

RealtimeWait::~RealtimeWait()
{
    LockGuard guard(waits.lock);
    waits.all.erase(waits.all.iterator_to(*this));
}

void RealtimeWait::wake_all()
{
    LockGuard guard(waits.lock);
    for (const RealtimeWait& wait : waits.all)
        scheduler::wake(wait.thread_);
}

}  // namespace tenon
