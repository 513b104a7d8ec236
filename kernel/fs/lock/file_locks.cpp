#include "kernel/fs/lock/file_locks.h"

#include "kernel/fs/lock/locked_file.h"
#include "kernel/lib/scope_exit.h"
#include "kernel/mm/memory_limits.h"

namespace tenon::file_locks {
namespace {

LockList& list_of(LockedFile& file, Style style)
{
    return style == Style::whole_file ? file.whole : file.records;
}

// The mutex is held, as for everything here.
void announce(LockedFile& file)
{
    file.changes.fetch_add(1, std::memory_order_release);
    file.changed.wake_all();
}

// One lock that is asked for, until it is there or given up.
class Attempt : NoCopy {
public:
    Attempt(LockTable& table, LockedFile& file, Style style, const FileLock& wanted) : table_(table), file_(file), style_(style)
    {
        wait_.wanted = wanted;
        wait_.list = &list_of(file, style);
        wait_.by_process = style == Style::process_record;
        ++file_.waiters;
        table_.waits.add(wait_);
    }
    ~Attempt()
    {
        table_.waits.remove(wait_);
        --file_.waiters;
        table_.remove_if_unused(file_);
    }

    // Errno::again when another lock is in the way.
    Result<> take()
    {
        LockList& list = list_of(file_, style_);
        if (style_ == Style::whole_file && has_other_type(list) && list.clear_all(wait_.wanted.owner))
            announce(file_);
        if (const HeldLock* const other = list.conflict(wait_.wanted)) {
            wait_.blocker = other->owner;
            return fail(Errno::again);
        }
        TRY(list.set(wait_.wanted));
        // A record that was for writing may now be for reading.
        announce(file_);
        return {};
    }

    bool would_deadlock()
    {
        return wait_.by_process && table_.waits.would_deadlock(wait_.wanted.owner, wait_.blocker);
    }

    u32 changes() const { return file_.changes.load(std::memory_order_relaxed); }

    // Without the mutex: until something on the file has changed since changes() was `seen`.
    Result<> wait_for_change(u32 seen)
    {
        return file_.changed.wait_until(Interruptible::yes,
                                        [&] { return file_.changes.load(std::memory_order_acquire) != seen; });
    }

private:
    bool has_other_type(const LockList& list) const
    {
        bool found = false;
        list.for_each([&](const HeldLock& held) { found |= held.owner == wait_.wanted.owner && held.type != wait_.wanted.type; });
        return found;
    }

    LockTable& table_;
    LockedFile& file_;
    Style style_;
    LockWait wait_;
};

void drop_all(const OpenFile& file, Style style, LockOwner owner)
{
    LockTable& table = lock_table();
    LockedFile* const found = table.find(LockTable::key_of(file));
    if (found == nullptr)
        return;
    if (list_of(*found, style).clear_all(owner))
        announce(*found);
    table.remove_if_unused(*found);
}

}  // namespace

Result<> lock(OpenFile& file, Style style, const FileLock& wanted, Wait wait)
{
    TRY(memory_limits::require_growth());
    LockTable& table = lock_table();
    table.mutex.lock();
    ScopeExit unlock_table([&] { table.mutex.unlock(); });
    LockedFile* const locked = TRY(table.find_or_make(file));
    Attempt attempt(table, *locked, style, wanted);
    for (;;) {
        const auto taken = attempt.take();
        if (taken || taken.error() != Errno::again || wait == Wait::no)
            return taken;
        if (attempt.would_deadlock())
            return fail(Errno::deadlk);
        const u32 seen = attempt.changes();
        table.mutex.unlock();
        const auto waited = attempt.wait_for_change(seen);
        table.mutex.lock();
        TRY(waited);
    }
}

Result<> unlock(OpenFile& file, Style style, LockOwner owner, const LockRange& range)
{
    LockTable& table = lock_table();
    LockGuard guard(table.mutex);
    LockedFile* const found = table.find(LockTable::key_of(file));
    if (found == nullptr)
        return {};
    if (TRY(list_of(*found, style).clear(owner, range)))
        announce(*found);
    table.remove_if_unused(*found);
    return {};
}

std::optional<FileLock> find_conflict(OpenFile& file, const FileLock& wanted)
{
    LockTable& table = lock_table();
    LockGuard guard(table.mutex);
    LockedFile* const found = table.find(LockTable::key_of(file));
    const HeldLock* const other = found == nullptr ? nullptr : found->records.conflict(wanted);
    return other == nullptr ? std::nullopt : std::optional<FileLock>(*other);
}

void descriptor_closed(OpenFile& file, LockOwner owner)
{
    LockTable& table = lock_table();
    if (!table.may_contain(LockTable::key_of(file)))
        return;
    LockGuard guard(table.mutex);
    drop_all(file, Style::process_record, owner);
}

void description_closed(OpenFile& file)
{
    LockTable& table = lock_table();
    if (!table.may_contain(LockTable::key_of(file)))
        return;
    LockGuard guard(table.mutex);
    drop_all(file, Style::description_record, &file);
    drop_all(file, Style::whole_file, &file);
}

}  // namespace tenon::file_locks
