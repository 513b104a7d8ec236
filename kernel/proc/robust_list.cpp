#include "kernel/proc/robust_list.h"

#include "kernel/mm/user_access.h"
#include "kernel/proc/futex.h"
#include "kernel/proc/process.h"

namespace tenon::robust_list {

namespace {

constexpr u32 has_waiters = 0x8000'0000;
constexpr u32 owner_died = 0x4000'0000;
constexpr u32 owner_mask = 0x3fff'ffff;
constexpr u64 inherits_priority = 1;  // bit of the pointer to an entry
constexpr unsigned longest_list = 2048;

struct Head {
    u64 next;
    i64 word_offset;  // from an entry to its lock's word
    u64 pending;      // the entry that is being added or removed, or 0
};
static_assert(sizeof(Head) == head_size);

enum class IsPending : bool { no, yes };

void release_lock(u64 entry, i64 word_offset, IsPending is_pending)
{
    const bool plain = (entry & inherits_priority) == 0;
    const UserPtr<u32> address((entry & ~inherits_priority) + static_cast<u64>(word_offset));
    const futexes::Word word{.address = address, .sharing = futexes::Sharing::by_memory};
    const u32 caller = current_user_thread().id();
    const auto seen = user::load(address);
    if (!seen || address.address().value() % sizeof(u32) != 0)
        return;
    // Released already, but its waiters may not have been woken.
    bool wakes = is_pending == IsPending::yes && plain && *seen == 0;
    if ((*seen & owner_mask) == caller) {
        static_cast<void>(current_process().memory->with_word(address.address(), [&](std::atomic_ref<u32> value) {
            u32 former = value.load();
            while ((former & owner_mask) == caller && !value.compare_exchange_weak(former, (former & has_waiters) | owner_died)) {
            }
            wakes = plain && (former & owner_mask) == caller && (former & has_waiters) != 0;
        }));
    }
    if (wakes)
        static_cast<void>(futexes::wake(word, 1));
}

}  // namespace

void release_locks()
{
    const u64 start = current_user_thread().robust_list.exchange(0);
    if (start == 0)
        return;
    const auto head = user::load(UserPtr<Head>(start));
    if (!head)
        return;
    u64 entry = head->next;
    for (unsigned count = 0; (entry & ~inherits_priority) != start && count < longest_list; ++count) {
        // Read first: whoever gets the lock may reuse the entry.
        const auto next = user::load(UserPtr<u64>(entry & ~inherits_priority));
        if (entry != head->pending)
            release_lock(entry, head->word_offset, IsPending::no);
        if (!next || !resched_point())
            break;
        entry = *next;
    }
    if (head->pending != 0)
        release_lock(head->pending, head->word_offset, IsPending::yes);
}

}  // namespace tenon::robust_list
