#include "kernel/fs/lock/locked_file.h"

#include <new>

#include "kernel/fs/mount.h"

namespace tenon::file_locks {
namespace {

LockTable table;

}  // namespace

LockTable& lock_table()
{
    return table;
}

const void* LockTable::key_of(const OpenFile& file)
{
    return &file.inode();
}

usize LockTable::index_of(const void* key)
{
    const u64 address = reinterpret_cast<u64>(key);
    return ((address >> 5) ^ (address >> 13)) % bucket_count;
}

LockedFile* LockTable::find(const void* key)
{
    for (LockedFile& file : bucket_of(key).files)
        if (file.key == key)
            return &file;
    return nullptr;
}

Result<LockedFile*> LockTable::find_or_make(const OpenFile& file)
{
    const void* const key = key_of(file);
    if (LockedFile* const found = find(key))
        return found;
    std::unique_ptr<LockedFile> made(new (std::nothrow) LockedFile);
    if (!made)
        return fail(Errno::nolck);
    made->key = key;
    made->device = file.path().mount()->file_system().device_number();
    made->inode_number = file.inode().attributes().number;
    Bucket& bucket = bucket_of(key);
    bucket.files.push_back(*made);
    bucket.count.fetch_add(1, std::memory_order_relaxed);
    return made.release();
}

void LockTable::remove_if_unused(LockedFile& file)
{
    if (!file.is_unused())
        return;
    Bucket& bucket = bucket_of(file.key);
    bucket.files.erase(bucket.files.iterator_to(file));
    bucket.count.fetch_sub(1, std::memory_order_relaxed);
    delete &file;
}

}  // namespace tenon::file_locks
