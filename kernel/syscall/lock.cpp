#include "kernel/syscall/lock.h"

#include "kernel/fs/lock/file_locks.h"
#include "kernel/lib/checked.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/user_path.h"

namespace tenon::syscall {
namespace {

using file_locks::Style;
using file_locks::Wait;

// struct flock of 64-bit Linux.
struct UserLock {
    i16 type = 0;
    i16 whence = 0;
    u32 padding = 0;
    i64 start = 0;
    i64 length = 0;
    i32 process = 0;
    u32 end_padding = 0;
};
static_assert(sizeof(UserLock) == 32);

enum UserLockType : i16 { read_lock = 0, write_lock = 1, no_lock = 2 };

enum Command : u32 {
    get_lock = 5,
    set_lock = 6,
    set_lock_wait = 7,
    get_description_lock = 36,
    set_description_lock = 37,
    set_description_lock_wait = 38,
};

Result<i64> range_base(OpenFile& file, i16 whence)
{
    enum Whence : i16 { from_start, from_position, from_end };
    switch (whence) {
    case from_start: return 0;
    case from_position: return static_cast<i64>(TRY(file.position()));
    case from_end: return static_cast<i64>(TRY(file.end()));
    default: return fail(Errno::inval);
    }
}

// A length of 0 reaches to the end; a negative one lies before the start (POSIX.1, fcntl).
Result<LockRange> range_of(OpenFile& file, const UserLock& lock)
{
    const i64 base = TRY(range_base(file, lock.whence));
    i64 first;
    if (__builtin_add_overflow(base, lock.start, &first))
        return fail(Errno::overflow);
    if (first < 0)
        return fail(Errno::inval);
    i64 last = static_cast<i64>(LockRange::end);
    if (lock.length > 0) {
        if (__builtin_add_overflow(first, lock.length - 1, &last))
            return fail(Errno::overflow);
    } else if (lock.length < 0) {
        last = first - 1;
        if (__builtin_add_overflow(first, lock.length, &first) || first < 0)
            return fail(Errno::inval);
    }
    return LockRange{static_cast<u64>(first), static_cast<u64>(last)};
}

Result<LockType> type_of(i16 type)
{
    if (type != read_lock && type != write_lock)
        return fail(Errno::inval);
    return type == read_lock ? LockType::read : LockType::write;
}

// The lock that a user structure describes, as the caller would hold it.
Result<FileLock> lock_of(OpenFile& file, const UserLock& lock, Style style)
{
    FileLock made;
    made.range = TRY(range_of(file, lock));
    const bool of_description = style == Style::description_record;
    if (of_description && lock.process != 0)
        return fail(Errno::inval);
    made.owner = of_description ? static_cast<LockOwner>(&file) : current_process().files.get();
    made.process = of_description ? -1 : static_cast<i32>(current_process().id);
    return made;
}

Result<u64> report_conflict(OpenFile& file, UserPtr<UserLock> pointer, Style style)
{
    UserLock lock = TRY(user::load(pointer));
    const LockType type = TRY(type_of(lock.type));
    FileLock wanted = TRY(lock_of(file, lock, style));
    wanted.type = type;
    if (const auto other = file_locks::find_conflict(file, wanted)) {
        const LockRange& range = other->range;
        lock.type = other->type == LockType::read ? read_lock : write_lock;
        lock.whence = 0;
        lock.start = static_cast<i64>(range.first);
        lock.length = range.last == LockRange::end ? 0 : static_cast<i64>(range.last - range.first + 1);
        lock.process = other->process;
    } else {
        lock.type = no_lock;
    }
    TRY(user::store(pointer, lock));
    return 0;
}

// POSIX.1 has a name of its own for what records cannot be had for want of room.
Result<> no_locks_for_no_memory(Result<> result)
{
    return !result && result.error() == Errno::nomem ? fail(Errno::nolck) : result;
}

// Another thread may close the descriptor while this one sets the lock: then no close is left that would take it away.
Result<> require_still_open(OpenFile& file, int descriptor, Style style, const FileLock& lock)
{
    const auto now = current_process().files->get(descriptor);
    if (now && now->get() == &file)
        return {};
    if (style == Style::process_record)
        static_cast<void>(file_locks::unlock(file, style, lock.owner, lock.range));
    return fail(Errno::badf);
}

Result<u64> change_lock(OpenFile& file, const Arguments& arguments, Style style, Wait wait)
{
    const UserLock lock = TRY(user::load(arguments.pointer<UserLock>(2)));
    FileLock wanted = TRY(lock_of(file, lock, style));
    if (lock.type == no_lock) {
        TRY(no_locks_for_no_memory(file_locks::unlock(file, style, wanted.owner, wanted.range)));
        return 0;
    }
    wanted.type = TRY(type_of(lock.type));
    if (wanted.type == LockType::read ? !file.is_readable() : !file.is_writable())
        return fail(Errno::badf);
    TRY(restartable(no_locks_for_no_memory(file_locks::lock(file, style, wanted, wait))));
    TRY(require_still_open(file, arguments.as_int(0), style, wanted));
    return 0;
}

}  // namespace

Result<u64> lock_command(OpenFile& file, const Arguments& arguments)
{
    switch (arguments.as_u32(1)) {
    case get_lock: return report_conflict(file, arguments.pointer<UserLock>(2), Style::process_record);
    case get_description_lock: return report_conflict(file, arguments.pointer<UserLock>(2), Style::description_record);
    case set_lock: return change_lock(file, arguments, Style::process_record, Wait::no);
    case set_lock_wait: return change_lock(file, arguments, Style::process_record, Wait::yes);
    case set_description_lock: return change_lock(file, arguments, Style::description_record, Wait::no);
    case set_description_lock_wait: return change_lock(file, arguments, Style::description_record, Wait::yes);
    default: return fail(Errno::inval);
    }
}

Result<u64> sys_flock(const Arguments& arguments)
{
    enum Operation : u32 { shared = 1, exclusive = 2, not_blocking = 4, unlock = 8 };

    const auto file = TRY(open_file(arguments.as_int(0)));
    const u32 operation = arguments.as_u32(1) & ~u32{not_blocking};
    if (operation == unlock) {
        TRY(file_locks::unlock(*file, Style::whole_file, file.get(), LockRange()));
        return 0;
    }
    if (operation != shared && operation != exclusive)
        return fail(Errno::inval);
    const FileLock wanted{.owner = file.get(),
                          .type = operation == shared ? LockType::read : LockType::write,
                          .range = {},
                          .process = static_cast<i32>(current_process().id)};
    const Wait wait = (arguments.as_u32(1) & not_blocking) != 0 ? Wait::no : Wait::yes;
    TRY(restartable(file_locks::lock(*file, Style::whole_file, wanted, wait)));
    return 0;
}

}  // namespace tenon::syscall
