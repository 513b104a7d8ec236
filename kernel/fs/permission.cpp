#include "kernel/fs/permission.h"

namespace tenon::permission {

Result<> require_for(const InodeAttributes& object, u32 wanted)
{
    return allows(current_credentials(), object, wanted) ? Result<>() : fail(Errno::acces);
}

Result<> require(const Inode& inode, u32 wanted)
{
    return require_for(inode.attributes(), wanted);
}

Result<> require_change(const Inode& directory)
{
    return require(directory, write | execute);
}

Result<> require_removal(const Inode& directory, const Inode& object)
{
    const InodeAttributes container = directory.attributes();
    TRY(require_for(container, write | execute));
    if (is_kept_by_sticky_bit(current_credentials(), container, object.attributes()))
        return fail(Errno::perm);
    return {};
}

constinit Protection protection;

Result<> require_followable(const Inode& directory, const Inode& link)
{
    if (protection.symlinks.load(std::memory_order_relaxed) == 0)
        return {};
    return may_follow(current_credentials(), directory.attributes(), link.attributes()) ? Result<>() : fail(Errno::acces);
}

Result<> require_linkable(const Inode& object)
{
    if (protection.hardlinks.load(std::memory_order_relaxed) == 0)
        return {};
    return may_link(current_credentials(), object.attributes()) ? Result<>() : fail(Errno::perm);
}

Result<> require_trusted(const Inode& directory, const Inode& object)
{
    const u32 type = object.type();
    if (type != mode::regular && type != mode::fifo)
        return {};
    const u32 level = (type == mode::fifo ? protection.fifos : protection.regular).load(std::memory_order_relaxed);
    const auto container = directory.attributes();
    const bool others_write = (container.mode & 0002) != 0 || (level > 1 && (container.mode & 0020) != 0);
    if (level == 0 || !others_write || may_trust(current_credentials(), container, object.attributes()))
        return {};
    return fail(Errno::acces);
}

Result<> drop_set_ids(Inode& inode)
{
    if (capable(Capability::fsetid))
        return {};
    const u32 mode = inode.attributes().mode;
    const u32 kept = without_set_ids(mode);
    if ((mode & mode::type_mask) != mode::regular || kept == (mode & mode::permissions))
        return {};
    return inode.set_mode(kept);
}

}  // namespace tenon::permission
