#include "kernel/proc/futex.h"

#include <array>
#include <functional>
#include <utility>

#include <boost/intrusive/list.hpp>

#include "kernel/lib/bits.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/futex_operation.h"
#include "kernel/proc/process.h"

namespace tenon::futexes {

namespace {

struct Key {
    const void* object = nullptr;  // an AddressSpace, or what shared memory belongs to
    u64 place = 0;                 // an address, or the offset in bytes

    bool operator==(const Key&) const = default;
};

// A word's key, and what keeps the key's object in being.
struct Place {
    Key key;
    Ref<PageSource> source;
};

struct Bucket;

// One thread that waits; lives on its stack. Whoever holds the lock of the bucket that it names may use it.
struct Sleeper : boost::intrusive::list_base_hook<> {
    Place place;
    u32 bits = all_bits;
    std::atomic<Bucket*> bucket{nullptr};  // changes only with the locks of the former and the new one held
    std::atomic<bool> woken{false};        // and in no list any more
    WaitQueue queue;
};

struct alignas(64) Bucket {
    Spinlock lock;  // nests inside AddressSpace's mutex
    boost::intrusive::list<Sleeper, boost::intrusive::constant_time_size<false>> sleepers;  // protected by lock
};

std::array<Bucket, 64> buckets;

Bucket& bucket_of(const Key& key)
{
    const u64 hash = (reinterpret_cast<u64>(key.object) >> 4 ^ key.place >> 2) * 0x9e37'79b9'7f4a'7c15;
    return buckets[hash >> 58];
}

// Holds the locks of two buckets, which may be one, always taken in the order of their addresses.
class PairGuard : NoCopy {
public:
    PairGuard(Bucket& a, Bucket& b) : low_(std::less()(&a, &b) ? a : b), high_(std::less()(&a, &b) ? b : a)
    {
        low_.lock.lock();
        if (&low_ != &high_)
            high_.lock.lock();
    }
    ~PairGuard()
    {
        if (&low_ != &high_)
            high_.lock.unlock();
        low_.lock.unlock();
    }

private:
    Bucket& low_;
    Bucket& high_;
};

Result<Place> find_place(const Word& word)
{
    const UserAddr address = word.address.address();
    if (!is_aligned(address.value(), sizeof(u32)))
        return fail(Errno::inval);
    TRY(UserRange::check(address, sizeof(u32)));
    AddressSpace& memory = *current_process().memory;
    Place place{.key = {&memory, address.value()}, .source = nullptr};
    if (word.sharing == Sharing::by_process)
        return place;
    auto shared = TRY(memory.shared_place(address));
    if (!shared.source)
        return place;
    place.key = {shared.source->object(), shared.page * page_size + address.value() % page_size};
    place.source = std::move(shared.source);
    return place;
}

// With the bucket's lock held, so interrupts are off and a page that is absent is an error instead of being waited for.
Result<u32> load_locked(const Word& word)
{
    return user::load(word.address);
}

// Until load_locked() can read the word. Errno::fault when it never will.
Result<> make_present(const Word& word)
{
    TRY(user::load(word.address));
    return {};
}

// Looks at the word and queues the sleeper in one step: who changes the word and wakes afterwards finds it.
Result<> enter(Sleeper& sleeper, const WaitRequest& request)
{
    Bucket& bucket = bucket_of(sleeper.place.key);
    sleeper.bucket.store(&bucket, std::memory_order_relaxed);
    for (;;) {
        {
            LockGuard guard(bucket.lock);
            if (const auto value = load_locked(request.word)) {
                if (*value != request.expected)
                    return fail(Errno::again);
                bucket.sleepers.push_back(sleeper);
                return {};
            }
        }
        TRY(make_present(request.word));
    }
}

// Afterwards nobody uses the sleeper.
void leave(Sleeper& sleeper)
{
    for (;;) {
        Bucket* bucket = sleeper.bucket.load(std::memory_order_acquire);
        LockGuard guard(bucket->lock);
        if (sleeper.bucket.load(std::memory_order_relaxed) != bucket)
            continue;
        if (sleeper.is_linked())
            bucket->sleepers.erase(bucket->sleepers.iterator_to(sleeper));
        return;
    }
}

u32 wake_locked(Bucket& bucket, const Key& key, u32 count, u32 bits)
{
    u32 woken = 0;
    for (auto position = bucket.sleepers.begin(); position != bucket.sleepers.end() && woken < count;) {
        Sleeper& sleeper = *position++;
        if (!(sleeper.place.key == key) || (sleeper.bits & bits) == 0)
            continue;
        bucket.sleepers.erase(bucket.sleepers.iterator_to(sleeper));
        sleeper.woken.store(true, std::memory_order_release);
        sleeper.queue.wake_all();
        ++woken;
    }
    return woken;
}

// What moved sleepers kept in being; given up without the locks.
struct Displaced {
    std::array<Ref<PageSource>, 16> sources;
    usize count = 0;

    bool is_full() const { return count == sources.size(); }
};

u32 move_locked(Bucket& from, const Key& key, Bucket& to, const Place& place, u32 count, Displaced& displaced)
{
    u32 moved = 0;
    for (auto position = from.sleepers.begin(); position != from.sleepers.end() && moved < count && !displaced.is_full();) {
        Sleeper& sleeper = *position++;
        if (!(sleeper.place.key == key))
            continue;
        ++moved;
        if (key == place.key)
            continue;
        from.sleepers.erase(from.sleepers.iterator_to(sleeper));
        sleeper.place.key = place.key;
        Ref<PageSource> former = std::exchange(sleeper.place.source, place.source);
        if (former)
            displaced.sources[displaced.count++] = std::move(former);
        sleeper.bucket.store(&to, std::memory_order_release);
        to.sleepers.push_back(sleeper);
    }
    return moved;
}

}  // namespace

Result<> wait(const WaitRequest& request)
{
    Sleeper sleeper;
    sleeper.place = TRY(find_place(request.word));
    sleeper.bits = request.bits;
    TRY(enter(sleeper, request));
    const Result<> slept = wait_until(sleeper.queue, Interruptible::yes, request.deadline,
                                      [&] { return sleeper.woken.load(std::memory_order_acquire); });
    leave(sleeper);
    // A wake-up that came together with the deadline or a signal must not be lost: it may have been meant for one thread alone.
    if (sleeper.woken.load(std::memory_order_relaxed))
        return {};
    return slept;
}

Result<u32> wake(const Word& word, u32 count, u32 bits)
{
    const Place place = TRY(find_place(word));
    Bucket& bucket = bucket_of(place.key);
    LockGuard guard(bucket.lock);
    return wake_locked(bucket, place.key, count, bits);
}

Result<u32> requeue(const RequeueRequest& request)
{
    const Place from = TRY(find_place(request.from));
    const Place to = TRY(find_place(request.to));
    Bucket& source = bucket_of(from.key);
    Bucket& target = bucket_of(to.key);
    std::optional<u32> expected = request.expected;
    u32 woken = 0;
    u32 moved = 0;
    for (;;) {
        Displaced displaced;
        {
            PairGuard guard(source, target);
            const auto value = expected ? load_locked(request.from) : Result<u32>(0);
            if (value) {
                if (expected && *value != *expected)
                    return fail(Errno::again);
                expected.reset();
                woken += wake_locked(source, from.key, request.wake_count - woken, all_bits);
                moved += move_locked(source, from.key, target, to, request.move_count - moved, displaced);
                if (!displaced.is_full())
                    return woken + moved;
                continue;
            }
        }
        TRY(make_present(request.from));
    }
}

Result<u32> wake_after_operation(const WakeOperation& operation)
{
    const auto decoded = TRY(FutexOperation::decode(operation.encoded));
    const Place first = TRY(find_place(operation.first));
    const Place second = TRY(find_place(operation.second));
    Bucket& first_bucket = bucket_of(first.key);
    Bucket& second_bucket = bucket_of(second.key);
    u32 woken = 0;
    TRY(current_process().memory->with_word(operation.second.address.address(), [&](std::atomic_ref<u32> word) {
        PairGuard guard(first_bucket, second_bucket);
        const u32 former = decoded.apply(word);
        woken = wake_locked(first_bucket, first.key, operation.first_count, all_bits);
        if (decoded.compares(former))
            woken += wake_locked(second_bucket, second.key, operation.second_count, all_bits);
    }));
    return woken;
}

}  // namespace tenon::futexes
