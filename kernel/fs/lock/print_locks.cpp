#include "kernel/fs/lock/file_locks.h"
#include "kernel/fs/lock/locked_file.h"
#include <tenon/sync.h>

namespace tenon::file_locks {
namespace {

constexpr i32 no_process = -1;

void print_line(TextSink& out, u64 number, std::string_view arrow, std::string_view kind, const FileLock& lock, const LockedFile& file)
{
    const auto device = DeviceNumber::decode(file.device);
    format_to(out, "{}: {}{} ADVISORY  {} {} {:02x}:{:02x}:{} {} ", number, arrow, kind,
              lock.type == LockType::read ? "READ " : "WRITE", lock.process, device.major, device.minor, file.inode_number,
              lock.range.first);
    if (lock.range.last == LockRange::end)
        out.write("EOF\n");
    else
        format_to(out, "{}\n", lock.range.last);
}

void print_list(TextSink& out, u64& number, const LockList& list, std::string_view kind, const LockedFile& file, const LockWaits& waits)
{
    list.for_each([&](const HeldLock& held) {
        static_cast<void>(resched_point());
        const std::string_view shown = held.process == no_process ? "OFDLCK" : kind;
        print_line(out, ++number, "", shown, held, file);
        waits.for_each([&](const LockWait& wait) {
            if (wait.list == &list && wait.blocker == held.owner && wait.wanted.conflicts_with(held))
                print_line(out, number, "-> ", wait.wanted.process == no_process ? "OFDLCK" : kind, wait.wanted, file);
        });
    });
}

}  // namespace

void print_locks(TextSink& out)
{
    LockTable& table = lock_table();
    LockGuard guard(table.mutex);
    u64 number = 0;
    table.for_each([&](const LockedFile& file) {
        print_list(out, number, file.records, "POSIX ", file, table.waits);
        print_list(out, number, file.whole, "FLOCK ", file, table.waits);
    });
}

}  // namespace tenon::file_locks
