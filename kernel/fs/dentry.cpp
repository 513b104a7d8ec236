#include "kernel/fs/dentry.h"

#include <cstring>
#include <new>

namespace tenon {

Result<Dentry::Name> Dentry::Name::create(std::string_view text)
{
    if (text.size() > name_max)
        return fail(Errno::nametoolong);
    Name name;
    if (text.size() > sizeof(name.short_)) {
        name.long_.reset(new (std::nothrow) char[text.size()]);
        if (!name.long_)
            return fail(Errno::nomem);
    }
    std::memcpy(name.long_ ? name.long_.get() : name.short_, text.data(), text.size());
    name.size_ = static_cast<u8>(text.size());
    return name;
}

Result<Ref<Dentry>> Dentry::create(Ref<Dentry> parent, std::string_view name, Ref<Inode> inode)
{
    auto own_name = TRY(Name::create(name));
    auto entry = adopt_ref(new (std::nothrow) Dentry(std::move(inode)));
    if (!entry)
        return fail(Errno::nomem);
    entry->super_block_ = entry->inode_ ? &entry->inode_->super_block() : &parent->inode()->super_block();
    entry->parent_ = std::move(parent);
    entry->name_ = std::move(own_name);
    entry->book();
    return entry;
}

// A long chain of removed directories goes away in a loop: recursion would be as deep as the tree.
Dentry::~Dentry()
{
    Dentry* ancestor = parent_.leak();
    while (ancestor != nullptr && ancestor->release()) {
        static_cast<void>(resched_point());
        Dentry* const next = ancestor->parent_.leak();
        delete ancestor;
        ancestor = next;
    }
}

}  // namespace tenon
