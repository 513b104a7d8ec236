#include "kernel/fs/walk.h"

#include <cstring>
#include <new>

#include "kernel/fs/mount.h"
#include "kernel/fs/name_cache.h"
#include "kernel/fs/open_file.h"
#include "kernel/fs/permission.h"
#include "kernel/fs/vfs.h"

namespace tenon {
namespace {

constexpr usize path_max = 4096;

}  // namespace

Result<Walk> Walk::start(const Path& base, std::string_view name)
{
    if (name.empty())
        return fail(Errno::noent);
    Walk walk;
    walk.root_ = vfs::caller_root();
    walk.at_ = name.front() == '/' ? walk.root_ : base;
    walk.rest_ = path_text::skip_slashes(name);
    return walk;
}

Result<> Walk::require_search() const
{
    const InodeAttributes attributes = at_.inode().attributes();
    if ((attributes.mode & mode::type_mask) != mode::directory)
        return fail(Errno::notdir);
    return permission::require_search(attributes);
}

Result<> Walk::to_last()
{
    head_ = {};
    while (!rest_.empty()) {
        TRY(resched_point());
        TRY(require_search());
        head_ = path_text::split_first(rest_);
        rest_ = head_.rest;
        if (head_.ends)
            return {};
        TRY(step());
    }
    return {};
}

// Through one component that is not the last.
Result<> Walk::step()
{
    Path next = TRY(look_up_last());
    if (!next.has_inode())
        return fail(Errno::noent);
    if (next.inode().is_symlink())
        return follow(next);
    at_ = std::move(next);
    return {};
}

Path Walk::up() const
{
    if (at_ == root_)
        return at_;
    Path place = mounts::cross_up(at_);
    auto parent = NameCache::parent(*place.dentry());
    if (!parent)
        return place;
    return mounts::cross_down(Path(place.mount(), std::move(parent)));
}

Result<Path> Walk::look_up_last() const
{
    if (head_.name == ".")
        return at_;
    if (head_.name == "..")
        return up();
    auto entry = TRY(NameCache::look_up(at_.dentry(), head_.name));
    const bool may_be_covered = entry->inode() != nullptr && entry->inode()->is_mount_point();
    Path path(at_.mount(), std::move(entry));
    return may_be_covered ? mounts::cross_down(std::move(path)) : path;
}

Result<> Walk::follow(const Path& link)
{
    if (++links_ > max_links)
        return fail(Errno::loop);
    if (const auto file = link.inode().linked_file(); file && !file->path().is_empty()) {
        at_ = file->path();
        head_ = {};
        return {};
    }
    std::unique_ptr<char[]> text(new (std::nothrow) char[path_max]);
    if (!text)
        return fail(Errno::nomem);
    usize size = TRY(link.inode().read_symlink({text.get(), path_max}));
    if (size == 0)
        return fail(Errno::noent);
    const usize more = rest_.size() + 1;
    if (more + size > path_max)
        return fail(Errno::nametoolong);
    if (head_.wants_directory) {
        text[size++] = '/';
        std::memcpy(text.get() + size, rest_.data(), rest_.size());
        size += rest_.size();
    }
    const std::string_view target(text.get(), size);
    if (target.front() == '/')
        at_ = root_;
    rest_ = path_text::skip_slashes(target);
    text_ = std::move(text);
    head_ = {};
    return {};
}

}  // namespace tenon
