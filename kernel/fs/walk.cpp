#include "kernel/fs/walk.h"

#include <cstring>
#include <new>

#include "kernel/fs/mount.h"
#include "kernel/fs/name_cache.h"
#include "kernel/fs/permission.h"
#include "kernel/fs/vfs.h"

namespace tenon {
namespace {

constexpr usize path_max = 4096;

}  // namespace

Result<Walk> Walk::start(const Path& base, std::string_view name, const vfs::ResolveRules& rules)
{
    if (name.empty())
        return fail(Errno::noent);
    Walk walk;
    walk.rules_ = rules;
    walk.root_ = rules.is_scoped() ? base : vfs::caller_root();
    walk.at_ = name.front() == '/' ? walk.root_ : base;
    if (name.front() == '/' && rules.beneath)
        return fail(Errno::xdev);
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
        return follow_any(next);
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
        return checked_up();
    auto entry = TRY(NameCache::look_up(at_.dentry(), head_.name));
    const bool may_be_covered = entry->inode() != nullptr && entry->inode()->is_mount_point();
    Path path(at_.mount(), std::move(entry));
    if (!may_be_covered)
        return path;
    path = mounts::cross_down(std::move(path));
    if (rules_.one_mount && path.mount() != at_.mount())
        return fail(Errno::xdev);
    return path;
}

// Where only what lies beneath a directory may be reached, somebody may have moved the one where the walk stands out of it.
Result<Path> Walk::checked_up() const
{
    if (rules_.beneath && at_ == root_)
        return fail(Errno::xdev);
    Path above = up();
    if (rules_.one_mount && above.mount() != at_.mount())
        return fail(Errno::xdev);
    if (rules_.is_scoped() && !vfs::is_same_or_below(above, root_))
        return fail(Errno::again);
    return above;
}

Result<> Walk::require_link() const
{
    return rules_.no_links ? fail(Errno::loop) : Result<>();
}

Result<> Walk::require_magic_link() const
{
    TRY(require_link());
    if (rules_.no_magic_links)
        return fail(Errno::loop);
    return rules_.is_scoped() ? fail(Errno::xdev) : Result<>();
}

// Where a link leads that does not go on from where it stands.
Result<> Walk::go_to(const Path& place)
{
    if (rules_.one_mount && place.mount() != at_.mount())
        return fail(Errno::xdev);
    at_ = place;
    head_ = {};
    return {};
}

Result<> Walk::follow(const Path& link)
{
    TRY(permission::require_followable(at_.inode(), link.inode()));
    return follow_any(link);
}

Result<> Walk::follow_any(const Path& link)
{
    TRY(require_link());
    if (++links_ > max_links)
        return fail(Errno::loop);
    if (const Path place = TRY(link.inode().linked_place()); !place.is_empty()) {
        TRY(require_magic_link());
        if (head_.wants_directory && !place.inode().is_directory())
            return fail(Errno::notdir);
        return go_to(place);
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
    if (target.front() == '/' && rules_.beneath)
        return fail(Errno::xdev);
    if (target.front() == '/')
        TRY(go_to(root_));
    rest_ = path_text::skip_slashes(target);
    text_ = std::move(text);
    head_ = {};
    return {};
}

}  // namespace tenon
