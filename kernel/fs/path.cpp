#include "kernel/fs/path.h"

#include <cstring>
#include <new>

#include "kernel/fs/mount.h"
#include "kernel/fs/name_cache.h"
#include "kernel/fs/vfs.h"

namespace tenon {

Path::Path() = default;
Path::Path(Ref<Mount> mount, Ref<Dentry> dentry) : mount_(std::move(mount)), dentry_(std::move(dentry)) {}
Path::Path(const Path&) = default;
Path::Path(Path&&) noexcept = default;

// The old entry is dropped before the old mount, which keeps its file system alive.
Path& Path::operator=(Path other) noexcept
{
    std::swap(dentry_, other.dentry_);
    std::swap(mount_, other.mount_);
    return *this;
}

Path::~Path() = default;

bool Path::is_empty() const
{
    return !dentry_;
}

bool Path::has_inode() const
{
    return dentry_ && dentry_->inode() != nullptr;
}

Inode& Path::inode() const
{
    return *dentry_->inode();
}

bool Path::operator==(const Path& other) const
{
    return mount_ == other.mount_ && dentry_ == other.dentry_;
}

void Path::print(TextSink& out) const
{
    constexpr usize capacity = 4096;
    const std::unique_ptr<char[]> text(new (std::nothrow) char[capacity]);
    if (!text || is_empty())
        return;
    const Path stop = vfs::caller_root();
    usize start = capacity;
    Path at = *this;
    while (!(at == stop)) {
        at = mounts::cross_up(std::move(at));
        auto parent = NameCache::parent(*at.dentry());
        if (!parent && start == capacity && at.dentry() != at.mount()->root())  // in no directory
            return out.write(NameCache::name(*at.dentry()).view());
        if (!parent)
            break;
        const auto name = NameCache::name(*at.dentry());
        if (name.size() + 1 > start)
            break;
        start -= name.size();
        std::memcpy(text.get() + start, name.c_str(), name.size());
        text[--start] = '/';
        at = Path(at.mount(), std::move(parent));
    }
    if (start == capacity)
        text[--start] = '/';
    out.write({text.get() + start, capacity - start});
    if (dentry_->is_gone())
        out.write(" (deleted)");
}

}  // namespace tenon
