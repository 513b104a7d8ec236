// <tenon/sync.h>, <tenon/time.h> and <tenon/log.h> for host tests, on the standard library's threads.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/support/clock.h"
#include "tests/support/log_lines.h"
#include <tenon/log.h>
#include <tenon/sync.h>
#include <tenon/time.h>

namespace tenon {
namespace {

// One lock and one condition for all queues: tests have few waiters.
std::mutex queues_mutex;
std::condition_variable queues_changed;
std::atomic<u64> clock_advance{0};

// Something that is different for each thread.
u64 this_thread()
{
    static thread_local char identity;
    return reinterpret_cast<u64>(&identity);
}

}  // namespace

WaitQueue::~WaitQueue() = default;

void WaitQueue::prepare(Waiter& waiter)
{
    const std::lock_guard guard(queues_mutex);
    waiters_.push_back(waiter);
}

bool WaitQueue::cancel(Waiter& waiter)
{
    const std::lock_guard guard(queues_mutex);
    if (waiter.is_linked())
        waiters_.erase(waiters_.iterator_to(waiter));
    return waiter.woken;
}

Result<> WaitQueue::sleep(Waiter& waiter, Interruptible, u64 deadline)
{
    std::unique_lock guard(queues_mutex);
    Result<> result;
    while (!waiter.woken && result) {
        if (deadline == no_deadline)
            queues_changed.wait(guard);
        else if (monotonic_now() >= deadline)
            result = fail(Errno::timedout);
        else
            queues_changed.wait_for(guard, std::chrono::nanoseconds(deadline - monotonic_now()));
    }
    if (waiter.is_linked())
        waiters_.erase(waiters_.iterator_to(waiter));
    return result;
}

void WaitQueue::wake_all()
{
    const std::lock_guard guard(queues_mutex);
    for (Waiter& waiter : waiters_)
        waiter.woken = true;
    queues_changed.notify_all();
}

void WaitQueue::wake_one()
{
    const std::lock_guard guard(queues_mutex);
    if (!waiters_.empty())
        waiters_.front().woken = true;
    queues_changed.notify_all();
}

// Host threads have neither signals nor a scheduler of ours.
Result<> resched_point()
{
    return {};
}

Result<> signal_point()
{
    return {};
}

Urgent::Urgent() = default;
Urgent::~Urgent() = default;

// Threads are its CPUs.
void Spinlock::lock()
{
    for (u32 free = nobody; !holder_.compare_exchange_weak(free, 0, std::memory_order_acquire); free = nobody)
        std::this_thread::yield();
}

void Spinlock::unlock()
{
    holder_.store(nobody, std::memory_order_release);
}

Result<> Mutex::lock_killable()
{
    lock();
    return {};
}

void Mutex::lock()
{
    for (u64 nobody = 0; !holder_.compare_exchange_weak(nobody, this_thread()); nobody = 0)
        std::this_thread::yield();
}

bool Mutex::try_lock()
{
    u64 nobody = 0;
    return holder_.compare_exchange_strong(nobody, this_thread());
}

void Mutex::unlock()
{
    holder_.store(0);
}

bool Mutex::is_held_by_this_thread() const
{
    return holder_.load() == this_thread();
}

u64 monotonic_now()
{
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<u64>(std::chrono::nanoseconds(now).count()) + clock_advance.load();
}

void test::advance_clock(u64 nanoseconds)
{
    clock_advance.fetch_add(nanoseconds);
}

Result<> sleep_for(u64 duration, Interruptible)
{
    std::this_thread::sleep_for(std::chrono::nanoseconds(duration));
    return {};
}

namespace log {

void write(Severity, std::string_view component, std::string_view text)
{
    test::LogLines::add(std::string(component) + ": " + std::string(text));
}

}  // namespace log
}  // namespace tenon
