#include "kernel/proc/futex.h"

#include <array>

#include <boost/intrusive/list.hpp>

#include "kernel/lib/bits.h"
#include "kernel/mm/user_access.h"

namespace tenon::futexes {

namespace {

// A sleeper is known by the frame and the offset of its word, so that processes that share memory meet.
struct Sleeper : boost::intrusive::list_base_hook<> {
    u64 key = 0;
    bool woken = false;
};

struct Bucket {
    Spinlock lock;
    boost::intrusive::list<Sleeper, boost::intrusive::constant_time_size<false>> sleepers;  // protected by lock
    WaitQueue queue;
};

std::array<Bucket, 32> buckets;

Bucket& bucket_of(u64 key)
{
    return buckets[(key >> 2) % buckets.size()];
}

Result<u64> key_of(Process& process, UserPtr<u32> address)
{
    if (!is_aligned(address.address().value(), sizeof(u32)))
        return fail(Errno::inval);
    if (!user::range_valid(address.address(), sizeof(u32)))
        return fail(Errno::fault);
    const auto frame = process.memory->frame_at(address.address());
    if (!frame)
        return fail(Errno::fault);
    return frame->value() | (address.address().value() % page_size);
}

}  // namespace

Result<> wait(Process& process, UserPtr<u32> address, u32 expected, u64 deadline)
{
    Sleeper sleeper;
    sleeper.key = TRY(key_of(process, address));
    Bucket& bucket = bucket_of(sleeper.key);
    {
        LockGuard guard(bucket.lock);
        bucket.sleepers.push_back(sleeper);
    }
    // A wake from here on finds the sleeper, so the word may be read without the lock.
    const auto value = user::load(address);
    Result<> result;
    if (!value)
        result = fail(value.error());
    else if (*value != expected)
        result = fail(Errno::again);
    else
        result = bucket.queue.wait_until_deadline(Interruptible::yes, deadline, [&] {
            LockGuard guard(bucket.lock);
            return sleeper.woken;
        });
    LockGuard guard(bucket.lock);
    if (sleeper.is_linked())
        bucket.sleepers.erase(bucket.sleepers.iterator_to(sleeper));
    if (sleeper.woken)
        return {};
    return result.error() == Errno::intr ? fail(Errno::restart) : result;
}

Result<u32> wake(Process& process, UserPtr<u32> address, u32 count)
{
    const u64 key = TRY(key_of(process, address));
    Bucket& bucket = bucket_of(key);
    u32 woken = 0;
    {
        LockGuard guard(bucket.lock);
        for (auto position = bucket.sleepers.begin(); position != bucket.sleepers.end() && woken < count;) {
            Sleeper& sleeper = *position++;
            if (sleeper.key != key)
                continue;
            bucket.sleepers.erase(bucket.sleepers.iterator_to(sleeper));
            sleeper.woken = true;
            ++woken;
        }
    }
    if (woken != 0)
        bucket.queue.wake_all();
    return woken;
}

}  // namespace tenon::futexes
