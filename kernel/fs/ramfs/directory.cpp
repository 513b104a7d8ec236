#include <new>

#include "kernel/fs/file_time.h"
#include "kernel/fs/permission_rules.h"
#include "kernel/fs/ramfs/ramfs.h"

namespace tenon::ramfs {
namespace {

template <typename T, typename... Args>
Result<Ref<RamInode>> make(Args&&... args)
{
    Ref<RamInode> inode = adopt_ref(new (std::nothrow) T(std::forward<Args>(args)...));
    if (!inode)
        return fail(Errno::nomem);
    return inode;
}

Result<Ref<RamInode>> make_object(RamFs& file_system, u32 mode, DeviceNumber device)
{
    switch (mode & mode::type_mask) {
    case 0:
    case mode::regular: return make<RamFile>(file_system, mode & mode::permissions);
    case mode::directory: return make<RamDirectory>(file_system, mode & mode::permissions);
    case mode::char_device:
    case mode::block_device:
    case mode::fifo:
    case mode::socket: return make<RamSpecial>(file_system, mode, device);
    default: return fail(Errno::inval);
    }
}

}  // namespace

// A whole tree that nobody holds any more goes away in a loop, with the entries of the directories below taken over one
// directory at a time: recursion would be as deep as the tree.
RamDirectory::~RamDirectory()
{
    while (auto inode = entries_.take_any()) {
        static_cast<void>(resched_point());
        if (inode->reference_count() == 1 && inode->is_directory())
            entries_.take_over(static_cast<RamDirectory&>(*inode).entries_);
    }
}

Result<Ref<Inode>> RamDirectory::lookup(std::string_view name)
{
    LockGuard guard(mutex_);
    Inode* const found = entries_.find(name);
    if (found == nullptr)
        return fail(Errno::noent);
    return Ref<Inode>(found);
}

Result<> RamDirectory::read_directory(u64 cookie, DirectorySink& sink)
{
    LockGuard guard(mutex_);
    entries_.list(cookie, sink);
    return {};
}

// A name came or went, and with it so many links from directories below.
void RamDirectory::count_change(int links)
{
    attributes_.change_content([&](InodeAttributes& attributes) {
        attributes.links = static_cast<u32>(static_cast<int>(attributes.links) + links);
    });
}

Result<> RamDirectory::enter(std::string_view name, Ref<RamInode> inode)
{
    const bool is_directory = inode->is_directory();
    return enter(TRY(DirectoryTable::NewEntry::create(name, std::move(inode))), is_directory);
}

Result<> RamDirectory::enter(DirectoryTable::NewEntry entry, bool is_directory)
{
    LockGuard guard(mutex_);
    TRY(entries_.add(std::move(entry)));
    count_change(is_directory ? 1 : 0);
    return {};
}

Result<Ref<Inode>> RamDirectory::create(std::string_view name, u32 mode, DeviceNumber device)
{
    TRY(file_system().budget().require_room());
    const auto wanted = permission::make_object(current_credentials(), attributes(), mode);
    auto inode = TRY(make_object(file_system(), wanted.mode, device));
    TRY(inode->set_owner(wanted.uid, wanted.gid));
    TRY(enter(name, inode));
    return inode;
}

Result<> RamDirectory::symlink(std::string_view name, std::string_view target)
{
    TRY(file_system().budget().require_room());
    auto inode = TRY(RamSymlink::create(file_system(), target));
    const auto wanted = permission::make_object(current_credentials(), attributes(), mode::symlink);
    TRY(inode->set_owner(wanted.uid, wanted.gid));
    return enter(name, std::move(inode));
}

Result<> RamDirectory::link(std::string_view name, Inode& target)
{
    Ref<RamInode> inode(static_cast<RamInode*>(&target));
    if (!inode->may_be_linked())
        return fail(Errno::noent);
    TRY(file_system().budget().require_room());
    TRY(enter(name, inode));
    inode->change_links(+1);
    return {};
}

Result<> RamDirectory::unlink(std::string_view name)
{
    Ref<Inode> inode;
    LockGuard guard(mutex_);
    inode = entries_.take(name);
    if (!inode)
        return fail(Errno::noent);
    static_cast<RamInode&>(*inode).change_links(-1);
    count_change(0);
    return {};
}

Result<> RamDirectory::rmdir(std::string_view name)
{
    Ref<Inode> inode;
    LockGuard guard(mutex_);
    inode = Ref<Inode>(entries_.find(name));
    if (!inode)
        return fail(Errno::noent);
    if (!static_cast<RamDirectory&>(*inode).entries_.is_empty())
        return fail(Errno::notempty);
    entries_.take(name);
    static_cast<RamInode&>(*inode).change_links(-2);
    count_change(-1);
    return {};
}

// The core holds the names of both directories and of a replaced directory still, so nothing changes between the steps. What can
// lack memory comes first: a target that was replaced could not be brought back.
Result<> RamDirectory::rename(std::string_view old_name, Inode& new_directory, std::string_view new_name)
{
    auto& target = static_cast<RamDirectory&>(new_directory);
    auto moved = TRY(lookup(old_name));
    const bool is_directory = moved->is_directory();
    auto entry = TRY(DirectoryTable::NewEntry::create(new_name, moved));
    auto replaced = target.lookup(new_name);
    if (replaced && is_directory)
        TRY(target.rmdir(new_name));
    else if (replaced)
        TRY(target.unlink(new_name));
    TRY(target.enter(std::move(entry), is_directory));
    LockGuard guard(mutex_);
    entries_.take(old_name);
    count_change(is_directory ? -1 : 0);
    return {};
}

// `name` stands for `inode` from now on, and the directory has `links` more.
void RamDirectory::put(std::string_view name, Ref<Inode> inode, int links)
{
    Ref<Inode> former;
    LockGuard guard(mutex_);
    former = entries_.replace(name, std::move(inode));
    count_change(links);
}

// The core holds the names of both directories still.
Result<> RamDirectory::exchange(std::string_view name, Inode& other_directory, std::string_view other_name)
{
    auto& other = static_cast<RamDirectory&>(other_directory);
    auto mine = TRY(lookup(name));
    auto theirs = TRY(other.lookup(other_name));
    const int more_here = (theirs->is_directory() ? 1 : 0) - (mine->is_directory() ? 1 : 0);
    put(name, std::move(theirs), more_here);
    other.put(other_name, std::move(mine), -more_here);
    return {};
}

Result<Ref<Inode>> RamDirectory::create_unnamed(u32 permissions, Linkable linkable)
{
    TRY(file_system().budget().require_room());
    const auto wanted = permission::make_object(current_credentials(), attributes(), mode::regular | permissions);
    auto inode = TRY(make_object(file_system(), wanted.mode, {}));
    TRY(inode->set_owner(wanted.uid, wanted.gid));
    inode->make_unnamed(linkable);
    return inode;
}

}  // namespace tenon::ramfs
