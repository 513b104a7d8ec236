#pragma once

#include <atomic>
#include <string_view>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/unordered_set.hpp>

#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include <tenon/fs.h>
#include <tenon/sync.h>

namespace tenon {

// A name in a directory and what it stands for: an inode, or nothing (a negative entry, which saves asking the file system
// again). Holds its parent, so that a path can always be printed.
class Dentry final : public RefCounted,
                     public boost::intrusive::unordered_set_base_hook<>,
                     public boost::intrusive::list_base_hook<> {
public:
    // The root of a file system: no parent, no name.
    static Result<Ref<Dentry>> create_root(Ref<Inode> inode);
    static Result<Ref<Dentry>> create(const Ref<Dentry>& parent, std::string_view name, Ref<Inode> inode);
    ~Dentry();
    void operator delete(void* memory);

    std::string_view name() const { return {reinterpret_cast<const char*>(this + 1), name_size_}; }
    Dentry* parent() const { return parent_.get(); }
    Inode* inode() const { return inode_.get(); }  // null: a negative entry
    SuperBlock& super_block() const { return super_block_; }
    bool is_gone() const { return gone_.load(std::memory_order_acquire); }
    void mark_gone() { gone_.store(true, std::memory_order_release); }
    u32 hash() const { return hash_; }

    // Of a directory: held while a name in it is looked up in the file system, made or removed.
    Mutex& names_mutex() { return names_mutex_; }

private:
    Dentry(Ref<Dentry> parent, std::string_view name, Ref<Inode> inode, SuperBlock& super_block);

    Ref<Dentry> parent_;
    Ref<Inode> inode_;
    SuperBlock& super_block_;
    Mutex names_mutex_;
    u32 hash_;
    std::atomic<bool> gone_{false};
    u8 name_size_;  // the characters stand behind the object
};

}  // namespace tenon
