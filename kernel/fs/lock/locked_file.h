#pragma once

#include <atomic>
#include <memory>

#include <boost/intrusive/list.hpp>

#include "kernel/fs/lock/lock_waits.h"
#include "kernel/fs/open_file.h"
#include "kernel/lib/result.h"
#include <tenon/sync.h>

namespace tenon::file_locks {

// A file on which something is locked or waited for; it goes with the last of them. While it lives, an open file keeps the inode.
struct LockedFile : boost::intrusive::list_base_hook<> {
    LockList records;
    LockList whole;
    u32 waiters = 0;
    const void* key = nullptr;
    u64 device = 0;
    u64 inode_number = 0;
    std::atomic<u32> changes{0};  // counts what may let a waiter go on
    WaitQueue changed;
    ledger::Charge charge{ledger::Kind::locks, sizeof(LockedFile)};  // of whoever locked it first

    bool is_unused() const { return records.is_empty() && whole.is_empty() && waiters == 0; }
};

// All locked files and all waits. Whoever uses it holds `mutex`, which nobody keeps while he waits for a lock.
class LockTable : NoCopy {
public:
    Mutex mutex;
    LockWaits waits;

    // What stands for `file` in the table: its inode.
    static const void* key_of(const OpenFile& file);
    // Whether the file may have locks; without the mutex, for those who close files. The caller's own locks are seen.
    bool may_contain(const void* key) const { return bucket_of(key).count.load(std::memory_order_relaxed) != 0; }

    LockedFile* find(const void* key);  // null when nothing is locked
    Result<LockedFile*> find_or_make(const OpenFile& file);
    void remove_if_unused(LockedFile& file);

    template <typename Visit>
    void for_each(Visit&& visit)
    {
        for (Bucket& bucket : buckets_)
            for (LockedFile& file : bucket.files)
                visit(file);
    }

private:
    struct Bucket {
        std::atomic<u32> count{0};
        boost::intrusive::list<LockedFile, boost::intrusive::constant_time_size<false>> files;
    };
    static constexpr usize bucket_count = 64;

    Bucket& bucket_of(const void* key) { return buckets_[index_of(key)]; }
    const Bucket& bucket_of(const void* key) const { return buckets_[index_of(key)]; }
    static usize index_of(const void* key);

    Bucket buckets_[bucket_count];
};

LockTable& lock_table();

}  // namespace tenon::file_locks
