#include "kernel/time/timer.h"

#include <array>

#include "kernel/arch.h"
#include "kernel/time/clock.h"
#include <tenon/sync.h>
#include <tenon/time.h>

namespace tenon {

// The armed timers of one CPU.
class TimerQueue {
public:
    void insert(Timer& timer, u64 deadline)
    {
        LockGuard guard(lock_);
        timer.deadline_ = deadline;
        timer.cpu_ = arch::cpu_index();
        armed_.insert(timer);
        if (&*armed_.begin() == &timer)
            arch::set_timer(clock::deadline_counter(deadline));
    }

    void remove(Timer& timer, unsigned this_cpu)
    {
        for (;;) {
            {
                LockGuard guard(lock_);
                if (timer.is_linked())
                    armed_.erase(Set::s_iterator_to(timer));
                // On its own CPU the handler cannot be running, unless this is the handler.
                if (running_ != &timer || timer.cpu_ == this_cpu)
                    return;
            }
            arch::relax();
        }
    }

    void run_expired()
    {
        const u64 start = monotonic_now();
        u64 now = start;
        lock_.lock();
        while (!armed_.empty() && armed_.begin()->deadline_ <= now && now - start < timers::longest_turn) {
            Timer& timer = *armed_.begin();
            armed_.erase(armed_.begin());
            running_ = &timer;
            lock_.unlock();
            timer.timer_expired();
            lock_.lock();
            running_ = nullptr;
            now = monotonic_now();
        }
        if (!armed_.empty()) {
            const bool has_more = armed_.begin()->deadline_ <= now;
            arch::set_timer(clock::deadline_counter(has_more ? now + timers::longest_turn : armed_.begin()->deadline_));
        }
        lock_.unlock();
    }

private:
    using Set = boost::intrusive::multiset<Timer, boost::intrusive::constant_time_size<false>>;

    Spinlock lock_;
    Set armed_;                 // protected by lock_, as is the position of each timer in it
    Timer* running_ = nullptr;  // protected by lock_
};

namespace {

std::array<TimerQueue, arch::max_cpus> queues;

}  // namespace

void Timer::arm(u64 deadline)
{
    // Interrupts stay off so that the queue is this CPU's until the timer is in it.
    const u64 interrupts = arch::disable_interrupts();
    disarm();
    queues[arch::cpu_index()].insert(*this, deadline);
    arch::restore_interrupts(interrupts);
}

void Timer::disarm()
{
    queues[cpu_].remove(*this, arch::cpu_index());
}

void timers::run_expired()
{
    queues[arch::cpu_index()].run_expired();
}

}  // namespace tenon
