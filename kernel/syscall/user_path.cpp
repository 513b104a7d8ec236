#include "kernel/syscall/user_path.h"

#include <new>

#include "kernel/mm/user_access.h"
#include "kernel/proc/process.h"

namespace tenon::syscall {

Result<> UserPath::copy(UserPtr<const char> string)
{
    const auto in_place = user::copy_string(short_, string);
    if (in_place) {
        view_ = *in_place;
        return {};
    }
    if (in_place.error() != Errno::nametoolong)
        return fail(in_place.error());
    long_.reset(new (std::nothrow) char[path_max]);
    if (!long_)
        return fail(Errno::nomem);
    view_ = TRY(user::copy_string({long_.get(), path_max}, string));
    return {};
}

Result<Ref<OpenFile>> any_file(int descriptor)
{
    return current_process().files->get(descriptor);
}

Result<Ref<OpenFile>> open_file(int descriptor)
{
    auto file = TRY(any_file(descriptor));
    if (file->is_path_only())
        return fail(Errno::badf);
    return file;
}

Result<Path> base_of(int descriptor, std::string_view name)
{
    if (name.empty())
        return fail(Errno::noent);
    if (descriptor == current_directory || name.starts_with('/'))
        return current_process().file_system->working_directory();
    auto file = TRY(any_file(descriptor));
    if (!file->inode().is_directory())
        return fail(Errno::notdir);
    return file->path();
}

Result<Path> find_at(int descriptor, UserPtr<const char> name, u32 flags)
{
    UserPath path;
    TRY(path.copy(name));
    return find_at(descriptor, path.view(), flags);
}

Result<Path> find_at(int descriptor, UserPtr<const char> name, u32 flags, vfs::FollowLast follow)
{
    UserPath path;
    TRY(path.copy(name));
    return find_at(descriptor, path.view(), flags, follow);
}

Result<Path> find_at(int descriptor, std::string_view name, u32 flags)
{
    return find_at(descriptor, name, flags, (flags & at_flag::no_follow) != 0 ? vfs::FollowLast::no : vfs::FollowLast::yes);
}

Result<Path> find_at(int descriptor, std::string_view name, u32 flags, vfs::FollowLast follow)
{
    if (name.empty() && (flags & at_flag::empty_path) != 0) {
        if (descriptor == current_directory)
            return current_process().file_system->working_directory();
        return TRY(any_file(descriptor))->path();
    }
    const auto base = TRY(base_of(descriptor, name));
    return vfs::resolve(base, name, follow);
}

}  // namespace tenon::syscall
