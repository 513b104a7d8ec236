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
