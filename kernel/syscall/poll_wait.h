#pragma once

#include <algorithm>
#include <array>
#include <memory>

#include "kernel/mm/ledger.h"
#include <tenon/fs.h>
#include <tenon/sync.h>
#include <tenon/time.h>

namespace tenon::syscall {

// Puts the calling thread on all queues that it is given, and takes it off them again. What is given after memory ran out is
// not waited for: the caller then polls in short intervals.
class PollWaiters final : public PollTable, NoCopy {
public:
    // The thread counts as about to sleep from here on, also when no queue follows (a pure timeout, pause(2)).
    PollWaiters();
    ~PollWaiters();

    void add(WaitQueue& queue) override;
    bool is_complete() const { return complete_; }

private:
    struct Entry {
        WaitQueue* queue = nullptr;
        Waiter waiter;
    };
    static constexpr usize per_block = 16;
    struct Block {
        std::array<Entry, per_block> entries;
        std::unique_ptr<Block> next;
        ledger::Charge charge;  // of all but the first
    };

    Block first_;
    Block* last_ = &first_;
    usize used_in_last_ = 0;
    bool complete_ = true;
};

// Calls scan(table), which returns how many files are ready, until that is not 0 or the deadline has passed (then 0).
// Errno::intr. `scan` must not block.
template <typename Scan>
Result<usize> wait_for_files(u64 deadline, Scan&& scan)
{
    constexpr u64 fallback_interval = 10'000'000;
    struct NoTable final : PollTable {
        void add(WaitQueue&) override {}
    };
    for (;;) {
        Result<> slept;
        {
            PollWaiters waiters;
            const usize ready = scan(static_cast<PollTable&>(waiters));
            if (ready != 0 || deadline <= monotonic_now())
                return ready;
            const u64 until = waiters.is_complete() ? deadline : std::min(deadline, monotonic_now() + fallback_interval);
            slept = WaitQueue::sleep_prepared(Interruptible::yes, until);
        }
        if (!slept && slept.error() == Errno::intr) {
            NoTable none;
            const usize ready = scan(static_cast<PollTable&>(none));
            return ready != 0 ? Result<usize>(ready) : fail(Errno::intr);
        }
    }
}

}  // namespace tenon::syscall
