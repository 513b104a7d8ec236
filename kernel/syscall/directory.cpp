#include "kernel/syscall/directory.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "kernel/fs/dentry.h"
#include "kernel/fs/permission.h"
#include "kernel/lib/bits.h"
#include "kernel/lib/growing_text.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/user_path.h"

namespace tenon::syscall {
namespace {

// struct linux_dirent64: u64 inode number, u64 next cookie, u16 size, u8 type, the name, NUL, padding to 8.
constexpr usize head_size = 19;

class EntryBuffer final : public DirectorySink {
public:
    explicit EntryBuffer(std::span<std::byte> out) : out_(out) {}

    bool emit(std::string_view name, u64 inode_number, u32 type, u64 next_cookie) override
    {
        const usize size = align_up(head_size + name.size() + 1, 8);
        if (size > out_.size() - used_) {
            is_full_ = true;
            return false;
        }
        const auto entry = out_.subspan(used_, size);
        std::memset(entry.data(), 0, size);
        store_le<u64>(entry, inode_number);
        store_le<u64>(entry.subspan(8), next_cookie);
        store_le<u16>(entry.subspan(16), static_cast<u16>(size));
        entry[18] = static_cast<std::byte>(type >> 12);
        std::memcpy(entry.data() + head_size, name.data(), name.size());
        used_ += size;
        return true;
    }

    std::span<const std::byte> entries() const { return out_.first(used_); }
    bool is_full() const { return is_full_; }

private:
    std::span<std::byte> out_;
    usize used_ = 0;
    bool is_full_ = false;
};

u32 with_umask(u32 permissions)
{
    return permissions & mode::permissions & ~current_process().file_system->umask.load();
}

Result<u64> rename_at(const Arguments& arguments, vfs::Replace replace)
{
    UserPath old_name;
    UserPath new_name;
    TRY(old_name.copy(arguments.pointer<const char>(1)));
    TRY(new_name.copy(arguments.pointer<const char>(3)));
    const auto old_base = TRY(base_of(arguments.as_int(0), old_name.view()));
    const auto new_base = TRY(base_of(arguments.as_int(2), new_name.view()));
    TRY(vfs::rename(old_base, old_name.view(), new_base, new_name.view(), replace));
    return 0;
}

// A directory that the caller may make its working or root directory.
Result<> require_searchable(const Path& path)
{
    if (!path.inode().is_directory())
        return fail(Errno::notdir);
    return permission::require(path.inode(), permission::execute);
}

}  // namespace

Result<u64> sys_getdents64(const Arguments& arguments)
{
    constexpr usize largest = 32 * 1024;
    enum Whence : int { from_start, from_position };
    const auto file = TRY(open_file(arguments.as_int(0)));
    const usize size = std::min<usize>(arguments.as_u32(2), largest);
    const std::unique_ptr<std::byte[]> memory(new (std::nothrow) std::byte[size]);
    if (!memory)
        return fail(Errno::nomem);
    EntryBuffer buffer({memory.get(), size});
    const auto start = file->seek(0, from_position);
    TRY(file->read_directory(buffer));
    if (buffer.entries().empty() && buffer.is_full())
        return fail(Errno::inval);
    if (const auto copied = user::copy_to(arguments.address(1), buffer.entries()); !copied) {
        TRY(file->seek(static_cast<i64>(*start), from_start));  // the entries come again
        return fail(copied.error());
    }
    return buffer.entries().size();
}

Result<u64> sys_mkdirat(const Arguments& arguments)
{
    UserPath name;
    TRY(name.copy(arguments.pointer<const char>(1)));
    const auto base = TRY(base_of(arguments.as_int(0), name.view()));
    TRY(vfs::make_directory(base, name.view(), with_umask(arguments.as_u32(2) & (0777 | mode::sticky))));
    return 0;
}

Result<u64> sys_mknodat(const Arguments& arguments)
{
    UserPath name;
    TRY(name.copy(arguments.pointer<const char>(1)));
    const u32 type = arguments.as_u32(2) & mode::type_mask;
    if (type == mode::directory || type == mode::symlink)
        return fail(type == mode::directory ? Errno::perm : Errno::inval);
    const auto base = TRY(base_of(arguments.as_int(0), name.view()));
    const u32 kind = type == 0 ? mode::regular : type;
    TRY(vfs::make_node(base, name.view(), kind | with_umask(arguments.as_u32(2)),
                       DeviceNumber::decode(arguments.as_u32(3))));
    return 0;
}

Result<u64> sys_unlinkat(const Arguments& arguments)
{
    UserPath name;
    TRY(name.copy(arguments.pointer<const char>(1)));
    const u32 flags = arguments.as_u32(2);
    if ((flags & ~at_flag::remove_directory) != 0)
        return fail(Errno::inval);
    const auto base = TRY(base_of(arguments.as_int(0), name.view()));
    if (flags != 0)
        TRY(vfs::remove_directory(base, name.view()));
    else
        TRY(vfs::remove_file(base, name.view()));
    return 0;
}

Result<u64> sys_symlinkat(const Arguments& arguments)
{
    UserPath target;
    UserPath name;
    TRY(target.copy(arguments.pointer<const char>(0)));
    TRY(name.copy(arguments.pointer<const char>(2)));
    if (target.view().empty())
        return fail(Errno::noent);
    const auto base = TRY(base_of(arguments.as_int(1), name.view()));
    TRY(vfs::make_symlink(base, name.view(), target.view()));
    return 0;
}

Result<u64> sys_linkat(const Arguments& arguments)
{
    const u32 flags = arguments.as_u32(4);
    TRY(require_only(at_flag::follow | at_flag::empty_path, flags));
    if ((flags & at_flag::empty_path) != 0 && !capable(Capability::dac_read_search))
        return fail(Errno::noent);
    const auto follow = (flags & at_flag::follow) != 0 ? vfs::FollowLast::yes : vfs::FollowLast::no;
    const auto old_path = TRY(find_at(arguments.as_int(0), arguments.pointer<const char>(1), flags, follow));
    UserPath name;
    TRY(name.copy(arguments.pointer<const char>(3)));
    const auto base = TRY(base_of(arguments.as_int(2), name.view()));
    TRY(vfs::make_link(old_path, base, name.view()));
    return 0;
}

Result<u64> sys_renameat(const Arguments& arguments)
{
    return rename_at(arguments, vfs::Replace::yes);
}

// RENAME_WHITEOUT is refused, as Linux does on file systems that have none.
Result<u64> sys_renameat2(const Arguments& arguments)
{
    enum Flag : u32 { replace_nothing = 1, exchange = 2 };
    switch (arguments.as_u32(4)) {
    case 0: return rename_at(arguments, vfs::Replace::yes);
    case replace_nothing: return rename_at(arguments, vfs::Replace::no);
    case exchange: return rename_at(arguments, vfs::Replace::exchange);
    default: return fail(Errno::inval);
    }
}

Result<u64> sys_readlinkat(const Arguments& arguments)
{
    const int size = arguments.as_int(3);
    if (size <= 0)
        return fail(Errno::inval);
    const auto path = TRY(find_at(arguments.as_int(0), arguments.pointer<const char>(1), at_flag::empty_path,
                                  vfs::FollowLast::no));
    const usize capacity = std::min<usize>(static_cast<usize>(size), path_max);
    const std::unique_ptr<char[]> text(new (std::nothrow) char[capacity]);
    if (!text)
        return fail(Errno::nomem);
    const usize length = TRY(path.inode().read_symlink({text.get(), capacity}));
    TRY(user::copy_to(arguments.address(2), std::as_bytes(std::span(text.get(), length))));
    return length;
}

Result<u64> sys_chdir(const Arguments& arguments)
{
    auto path = TRY(find_at(current_directory, arguments.pointer<const char>(0), 0));
    TRY(require_searchable(path));
    current_process().file_system->set_working_directory(std::move(path));
    return 0;
}

Result<u64> sys_fchdir(const Arguments& arguments)
{
    const auto file = TRY(any_file(arguments.as_int(0)));
    TRY(require_searchable(file->path()));
    current_process().file_system->set_working_directory(file->path());
    return 0;
}

Result<u64> sys_chroot(const Arguments& arguments)
{
    auto path = TRY(find_at(current_directory, arguments.pointer<const char>(0), 0));
    TRY(require_searchable(path));
    TRY(require(Capability::sys_chroot));
    current_process().file_system->set_root_directory(std::move(path));
    return 0;
}

Result<u64> sys_getcwd(const Arguments& arguments)
{
    const Path path = current_process().file_system->working_directory();
    if (path.dentry()->is_gone())
        return fail(Errno::noent);
    GrowingText text;
    path.print(text);
    text.write(std::string_view("", 1));
    if (text.truncated())
        return fail(Errno::nomem);
    if (text.view().size() > arguments[1])
        return fail(Errno::range);
    TRY(user::copy_to(arguments.address(0), std::as_bytes(std::span(text.view()))));
    return text.view().size();
}

}  // namespace tenon::syscall
