#include "kernel/fs/directory_table.h"

#include <cstring>
#include <new>

#include "kernel/mm/heap.h"

namespace tenon {

DirectoryTable::~DirectoryTable()
{
    by_name_.clear();
    by_cookie_.clear_and_dispose(destroy);
}

void DirectoryTable::destroy(Entry* entry)
{
    entry->~Entry();
    ::operator delete(static_cast<void*>(entry));
}

Inode* DirectoryTable::find(std::string_view name) const
{
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->inode.get();
}

Result<DirectoryTable::NewEntry> DirectoryTable::NewEntry::create(std::string_view name, Ref<Inode> inode)
{
    void* memory = ::operator new(sizeof(Entry) + name.size(), std::nothrow);
    if (memory == nullptr)
        return fail(Errno::nomem);
    NewEntry fresh;
    fresh.entry_.reset(new (memory) Entry);
    fresh.entry_->charge = ledger::Charge(ledger::Kind::file_pages, heap::usable_size(memory));
    fresh.entry_->inode = std::move(inode);
    fresh.entry_->name_size = static_cast<u8>(name.size());
    std::memcpy(fresh.entry_->name, name.data(), name.size());
    return fresh;
}

Result<> DirectoryTable::add(NewEntry fresh)
{
    decltype(by_name_)::insert_commit_data place;
    if (!by_name_.insert_check(fresh.entry_->name_view(), place).second)
        return fail(Errno::exist);
    Entry& entry = *fresh.entry_.release();
    entry.cookie = next_cookie_++;
    by_name_.insert_commit(entry, place);
    by_cookie_.insert(by_cookie_.end(), entry);
    return {};
}

Result<> DirectoryTable::add(std::string_view name, Ref<Inode> inode)
{
    if (find(name) != nullptr)
        return fail(Errno::exist);
    return add(TRY(NewEntry::create(name, std::move(inode))));
}

Ref<Inode> DirectoryTable::take(std::string_view name)
{
    const auto found = by_name_.find(name);
    if (found == by_name_.end())
        return {};
    Entry& entry = *found;
    Ref<Inode> inode = std::move(entry.inode);
    by_name_.erase(found);
    by_cookie_.erase(by_cookie_.iterator_to(entry));
    destroy(&entry);
    return inode;
}

Ref<Inode> DirectoryTable::replace(std::string_view name, Ref<Inode> inode)
{
    std::swap(by_name_.find(name)->inode, inode);
    return inode;
}

Ref<Inode> DirectoryTable::take_any()
{
    const auto first = by_cookie_.begin();
    if (first == by_cookie_.end())
        return {};
    Ref<Inode> inode = std::move(first->inode);
    // Those that were taken over have no name any more.
    if (first->NameHook::is_linked())
        by_name_.erase(by_name_.iterator_to(*first));
    by_cookie_.erase_and_dispose(first, destroy);
    return inode;
}

void DirectoryTable::take_over(DirectoryTable& other)
{
    while (!other.by_cookie_.empty()) {
        static_cast<void>(resched_point());
        Entry& entry = *other.by_cookie_.begin();
        if (entry.NameHook::is_linked())
            other.by_name_.erase(other.by_name_.iterator_to(entry));
        other.by_cookie_.erase(other.by_cookie_.begin());
        entry.cookie = next_cookie_++;
        by_cookie_.insert(by_cookie_.end(), entry);
    }
}

void DirectoryTable::list(u64 cookie, DirectorySink& sink) const
{
    for (auto at = by_cookie_.lower_bound(cookie); at != by_cookie_.end(); ++at) {
        const InodeAttributes attributes = at->inode->attributes();
        if (!sink.emit(at->name_view(), attributes.number, attributes.mode & mode::type_mask, at->cookie + 1))
            return;
    }
}

}  // namespace tenon
