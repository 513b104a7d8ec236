#pragma once

#include <memory>

#include <boost/intrusive/list.hpp>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include "kernel/mm/ledger.h"

namespace tenon {

enum class LockType : u8 { read, write };

// Who holds a lock: locks of one owner never stand against each other. Only compared, never followed.
using LockOwner = const void*;

// Bytes of a file, both ends included. A lock "to the end of the file" reaches to `end`.
struct LockRange {
    static constexpr u64 end = 0x7fff'ffff'ffff'ffff;

    u64 first = 0;
    u64 last = end;

    constexpr bool overlaps(const LockRange& other) const { return first <= other.last && other.first <= last; }
    constexpr bool contains(const LockRange& other) const { return first <= other.first && other.last <= last; }
    constexpr bool touches(const LockRange& other) const
    {
        return (first != 0 && other.last == first - 1) || (other.first != 0 && last == other.first - 1);
    }
};

// One lock: a record of POSIX or of an open file description, or a whole file.
struct FileLock {
    LockOwner owner = nullptr;
    LockType type = LockType::read;
    LockRange range;
    i32 process = 0;  // who is reported as its holder; -1 for a lock of an open file description

    bool conflicts_with(const FileLock& other) const
    {
        return owner != other.owner && (type == LockType::write || other.type == LockType::write) && range.overlaps(other.range);
    }
};

struct HeldLock : FileLock, boost::intrusive::list_base_hook<> {
    explicit HeldLock(const FileLock& lock) : FileLock(lock) {}

    ledger::Charge charge{ledger::Kind::locks, sizeof(HeldLock)};
};

// The locks of one kind on one file, in the order of their first bytes. What one owner holds never overlaps, and neighbours of
// the same type are one lock (POSIX.1, fcntl). Not synchronised. Pure.
class LockList : NoCopy {
public:
    // Bounds the time of every operation and what one file's locks occupy.
    static constexpr usize max_locks = 4096;

    LockList() = default;
    ~LockList();

    bool is_empty() const { return locks_.empty(); }
    // The first lock of somebody else that stands against `wanted`; null when it can be had.
    const HeldLock* conflict(const FileLock& wanted) const;
    // What the owner holds in the range becomes this lock, whatever others hold. Errno::nomem, also for too many: nothing has changed.
    Result<> set(const FileLock& lock);
    // The owner holds nothing in the range any more. True when that changed something. A hole in the middle of a lock makes it two:
    // Errno::nomem, also for too many.
    Result<bool> clear(LockOwner owner, const LockRange& range);
    bool clear_all(LockOwner owner);

    template <typename Visit>
    void for_each(Visit&& visit) const
    {
        for (const HeldLock& lock : locks_)
            visit(lock);
    }

private:
    using List = boost::intrusive::list<HeldLock>;

    Result<std::unique_ptr<HeldLock>> make(const FileLock& lock) const;
    void insert(std::unique_ptr<HeldLock> lock);
    // What is left above the hole of the lock that reaches beyond it; null when none does.
    Result<std::unique_ptr<HeldLock>> make_upper_rest(LockOwner owner, const LockRange& hole) const;
    bool cut(LockOwner owner, const LockRange& hole, std::unique_ptr<HeldLock> upper_rest);
    void absorb_neighbours(HeldLock& lock);
    bool is_held(const FileLock& lock) const;
    List::iterator remove(List::iterator position);

    List locks_;
};

}  // namespace tenon
