#pragma once

#include <atomic>
#include <memory>
#include <string_view>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/unordered_set.hpp>

#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/mm/ledger.h"
#include <tenon/fs.h>
#include <tenon/sync.h>

namespace tenon {

// A name in a directory and what it stands for: an inode, or nothing (a negative entry, which saves asking the file system
// again). Holds its parent, so that a path can always be printed. Parent and name change when the name cache moves the entry:
// they are read under the name cache's lock, by its functions.
class Dentry final : public RefCounted,
                     public boost::intrusive::unordered_set_base_hook<>,
                     public boost::intrusive::list_base_hook<> {
public:
    // `parent` is empty for the root of a file system, which has no name either, and for what is in no directory; its name is shown as it is.
    static Result<Ref<Dentry>> create(Ref<Dentry> parent, std::string_view name, Ref<Inode> inode);
    ~Dentry();

    Inode* inode() const { return inode_.get(); }  // null: a negative entry
    // The name has been removed or replaced; the inode may live on.
    bool is_gone() const { return gone_.load(std::memory_order_acquire); }

    // Of a directory: held while a name in it is looked up in the file system, made or removed. Several of them are taken
    // in the order of rename (kernel/fs/rename.cpp).
    Mutex& names_mutex() { return names_mutex_; }

private:
    friend class NameCache;

    explicit Dentry(Ref<Inode> inode) : inode_(std::move(inode)) {}
    void book() { charge_.set(sizeof(Dentry) + name_.bytes_elsewhere()); }  // after each change of the name

    class Name {
    public:
        static Result<Name> create(std::string_view text);
        std::string_view view() const { return {long_ ? long_.get() : short_, size_}; }
        u64 bytes_elsewhere() const { return long_ ? size_ : 0; }

    private:
        std::unique_ptr<char[]> long_;
        char short_[32] = {};
        u8 size_ = 0;
    };

    Ref<Dentry> parent_;
    Name name_;
    Ref<Inode> inode_;
    const SuperBlock* super_block_ = nullptr;  // also of a negative entry
    Mutex names_mutex_;
    u32 hash_ = 0;
    std::atomic<bool> gone_{false};
    ledger::Charge charge_{ledger::Kind::names, sizeof(Dentry)};
};

}  // namespace tenon
