#pragma once

#include <atomic>
#include <memory>

#include "kernel/fs/directory_table.h"
#include "kernel/fs/ramfs/page_table.h"
#include "kernel/fs/stored_attributes.h"
#include "kernel/mm/heap.h"
#include <tenon/fs.h>

// A file system that lives in memory. Its pages are the very frames that mappings, execve and the module loader use.

namespace tenon::ramfs {

// Registers the types "ramfs" and "tmpfs".
Result<> initialise();

class RamFs final : public SuperBlock {
public:
    static Result<std::unique_ptr<SuperBlock>> create(u64 magic, u32 root_permissions);

    Result<Ref<Inode>> root() override { return root_; }
    FileSystemStatistics statistics() const override;

    u64 next_number() { return next_number_.fetch_add(1, std::memory_order_relaxed); }
    PageBudget& budget() { return budget_; }

private:
    explicit RamFs(u64 magic) : magic_(magic) {}

    u64 magic_;
    std::atomic<u64> next_number_{1};
    PageBudget budget_;
    Ref<Inode> root_;
};

// What all kinds of objects share.
class RamInode : public Inode {
public:
    RamInode(RamFs& file_system, u32 mode);
    InodeAttributes attributes() const override;
    Result<> set_mode(u32 permissions) override;
    Result<> set_owner(u32 uid, u32 gid) override;
    Result<> set_times(TimeSpec accessed, TimeSpec modified) override;

    void change_links(int difference);
    bool may_be_linked();  // it has a name, or is a file without one that may get one
    void make_unnamed(Linkable linkable);

protected:
    RamFs& file_system() const { return static_cast<RamFs&>(super_block()); }

    StoredAttributes attributes_;
    Mutex mutex_;  // of the content; may be held for long
    ledger::Charge charge_{ledger::Kind::file_pages, heap::usable_size(this)};  // of this object; each name has its own

private:
    bool linkable_ = false;  // of a file that never had a name; changes with the number of links, under the lock of attributes_
};

class RamFile final : public RamInode {
public:
    RamFile(RamFs& file_system, u32 permissions)
        : RamInode(file_system, mode::regular | permissions), pages_(file_system.budget())
    {
    }
    InodeAttributes attributes() const override;
    Result<usize> read(std::span<std::byte> out, u64 offset) override;
    Result<usize> write(std::span<const std::byte> data, u64 offset) override;
    Result<> truncate(u64 size) override;
    Result<> allocate(u64 start, u64 size) override;
    Result<> punch_hole(u64 start, u64 size) override;
    Result<PageRef> page(u64 index) override;

private:
    void clear_locked(u64 index, usize start, usize end);

    PageTable pages_;  // protected by mutex_
};

class RamDirectory final : public RamInode {
public:
    RamDirectory(RamFs& file_system, u32 permissions) : RamInode(file_system, mode::directory | permissions)
    {
        attributes_.change([](InodeAttributes& attributes) { attributes.links = 2; });
    }
    ~RamDirectory() override;

    Result<Ref<Inode>> lookup(std::string_view name) override;
    Result<> read_directory(u64 cookie, DirectorySink& sink) override;
    Result<Ref<Inode>> create(std::string_view name, u32 mode, DeviceNumber device) override;
    Result<> symlink(std::string_view name, std::string_view target) override;
    Result<> link(std::string_view name, Inode& target) override;
    Result<> unlink(std::string_view name) override;
    Result<> rmdir(std::string_view name) override;
    Result<> rename(std::string_view old_name, Inode& new_directory, std::string_view new_name) override;
    Result<> exchange(std::string_view name, Inode& other_directory, std::string_view other_name) override;
    Result<Ref<Inode>> create_unnamed(u32 permissions, Linkable linkable) override;

private:
    void put(std::string_view name, Ref<Inode> inode, int links);
    void count_change(int links);

    Result<> enter(std::string_view name, Ref<RamInode> inode);
    Result<> enter(DirectoryTable::NewEntry entry, bool is_directory);

    DirectoryTable entries_;  // protected by mutex_
};

class RamSymlink final : public RamInode {
public:
    static Result<Ref<RamInode>> create(RamFs& file_system, std::string_view target);
    Result<usize> read_symlink(std::span<char> out) override;

private:
    RamSymlink(RamFs& file_system, std::unique_ptr<char[]> target, usize size);
    std::unique_ptr<char[]> target_;
    usize size_;
};

// A device node, fifo or socket: only its attributes.
class RamSpecial final : public RamInode {
public:
    RamSpecial(RamFs& file_system, u32 mode, DeviceNumber device) : RamInode(file_system, mode)
    {
        attributes_.change([&](InodeAttributes& attributes) { attributes.device = device; });
    }
};

}  // namespace tenon::ramfs
