#include "kernel/fs/lock/lock_list.h"

#include <algorithm>
#include <new>

namespace tenon {

LockList::~LockList()
{
    for (auto position = locks_.begin(); position != locks_.end();)
        position = remove(position);
}

LockList::List::iterator LockList::remove(List::iterator position)
{
    return locks_.erase_and_dispose(position, [](HeldLock* lock) { delete lock; });
}

const HeldLock* LockList::conflict(const FileLock& wanted) const
{
    const auto found = std::find_if(locks_.begin(), locks_.end(), [&](const HeldLock& held) { return held.conflicts_with(wanted); });
    return found == locks_.end() ? nullptr : &*found;
}

Result<std::unique_ptr<HeldLock>> LockList::make(const FileLock& lock) const
{
    std::unique_ptr<HeldLock> made(new (std::nothrow) HeldLock(lock));
    if (!made)
        return fail(Errno::nolck);
    return made;
}

void LockList::insert(std::unique_ptr<HeldLock> lock)
{
    const u64 first = lock->range.first;
    const auto behind = std::find_if(locks_.begin(), locks_.end(), [&](const HeldLock& held) { return held.range.first > first; });
    locks_.insert(behind, *lock.release());
}

bool LockList::is_held(const FileLock& lock) const
{
    return std::any_of(locks_.begin(), locks_.end(), [&](const HeldLock& held) {
        return held.owner == lock.owner && held.type == lock.type && held.range.contains(lock.range);
    });
}

// At most one lock of an owner reaches into the hole and beyond it, since they do not overlap.
Result<std::unique_ptr<HeldLock>> LockList::make_upper_rest(LockOwner owner, const LockRange& hole) const
{
    const auto upper = std::find_if(locks_.begin(), locks_.end(), [&](const HeldLock& held) {
        return held.owner == owner && held.range.overlaps(hole) && held.range.last > hole.last;
    });
    if (upper == locks_.end())
        return std::unique_ptr<HeldLock>();
    auto rest = TRY(make(*upper));
    rest->range.first = hole.last + 1;
    return rest;
}

bool LockList::cut(LockOwner owner, const LockRange& hole, std::unique_ptr<HeldLock> upper_rest)
{
    bool changed = false;
    for (auto position = locks_.begin(); position != locks_.end();) {
        const bool affected = position->owner == owner && position->range.overlaps(hole);
        const bool keeps_start = position->range.first < hole.first;
        changed |= affected;
        if (affected && keeps_start)
            position->range.last = hole.first - 1;
        position = affected && !keeps_start ? remove(position) : std::next(position);
    }
    if (upper_rest)
        insert(std::move(upper_rest));
    return changed;
}

void LockList::absorb_neighbours(HeldLock& lock)
{
    for (auto position = locks_.begin(); position != locks_.end();) {
        const HeldLock& other = *position;
        if (other.owner != lock.owner || other.type != lock.type || !other.range.touches(lock.range)) {
            ++position;
            continue;
        }
        lock.range = {std::min(lock.range.first, other.range.first), std::max(lock.range.last, other.range.last)};
        position = remove(position);
    }
}

Result<> LockList::set(const FileLock& lock)
{
    if (is_held(lock))
        return {};
    if (locks_.size() + 2 > max_locks)
        return fail(Errno::nolck);
    auto made = TRY(make(lock));
    auto upper_rest = TRY(make_upper_rest(lock.owner, lock.range));
    cut(lock.owner, lock.range, std::move(upper_rest));
    absorb_neighbours(*made);
    insert(std::move(made));
    return {};
}

Result<bool> LockList::clear(LockOwner owner, const LockRange& range)
{
    auto upper_rest = TRY(make_upper_rest(owner, range));
    if (upper_rest && locks_.size() >= max_locks)
        return fail(Errno::nolck);
    return cut(owner, range, std::move(upper_rest));
}

bool LockList::clear_all(LockOwner owner)
{
    return cut(owner, LockRange(), nullptr);
}

}  // namespace tenon
