#pragma once

#include <optional>

#include "kernel/fs/lock/lock_list.h"
#include "kernel/fs/open_file.h"
#include "kernel/lib/text.h"

// Advisory locks on files: records of a process (POSIX.1, fcntl), records of an open file description (F_OFD_*) and whole files
// (flock). The two kinds of records stand against each other; records and whole files do not, as on Linux. A record of a process
// belongs to its table of descriptors, so threads share it and a child does not inherit it.

namespace tenon::file_locks {

enum class Style : u8 { process_record, description_record, whole_file };

enum class Wait : bool { no, yes };

// Errno::again when somebody else's lock is in the way (Wait::no), deadlk, nomem, intr. A whole file changes from one type
// to the other by letting go first.
Result<> lock(OpenFile& file, Style style, const FileLock& wanted, Wait wait);
// Errno::nomem when a hole would make two locks of one.
Result<> unlock(OpenFile& file, Style style, LockOwner owner, const LockRange& range);
// The first lock that stands against `wanted`, a record.
std::optional<FileLock> find_conflict(OpenFile& file, const FileLock& wanted);

// A descriptor of `file` was closed in the table `owner`: its records on the file go, whoever else still has it open (POSIX.1).
void descriptor_closed(OpenFile& file, LockOwner owner);
// The last reference to an open file goes, and what was locked through it.
void description_closed(OpenFile& file);

// /proc/locks, in the format of proc(5): a line for each lock, and below it one with an arrow for each wait.
void print_locks(TextSink& out);

}  // namespace tenon::file_locks
