#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "kernel/fs/open_file.h"
#include "kernel/fs/path.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/address.h"
#include "kernel/lib/result.h"
#include "kernel/syscall/system_call.h"

// Path names and descriptors as system calls pass them.

namespace tenon::syscall {

constexpr usize path_max = 4096;
constexpr int current_directory = -100;  // AT_FDCWD

// AT_* flags.
namespace at_flag {
constexpr u32 no_follow = 0x100;
constexpr u32 remove_directory = 0x200;
constexpr u32 follow = 0x400;
constexpr u32 effective_access = 0x200;
constexpr u32 no_automount = 0x800;
constexpr u32 empty_path = 0x1000;
constexpr u32 sync_type = 0x6000;
}  // namespace at_flag

// Errno::inval for a flag that the call does not know.
inline Result<> require_only(u32 known, u32 flags)
{
    return (flags & ~known) == 0 ? Result<>() : fail(Errno::inval);
}

// A path name copied from user space; short ones without an allocation.
class UserPath : NoCopy {
public:
    // Errno::fault, nametoolong, nomem.
    Result<> copy(UserPtr<const char> string);
    std::string_view view() const { return view_; }

private:
    std::array<char, 192> short_;
    std::unique_ptr<char[]> long_;
    std::string_view view_;
};

// Of the calling process; Errno::badf. What only stands for a place in the tree (O_PATH) is not open for any_file's few users: copies,
// names that start there, and questions about the place.
Result<Ref<OpenFile>> open_file(int descriptor);
Result<Ref<OpenFile>> any_file(int descriptor);

// Where a relative name starts. For an absolute one the descriptor does not matter. Errno::noent for an empty name, badf, notdir.
Result<Path> base_of(int descriptor, std::string_view name);

// The object that (descriptor, name, AT_* flags) stand for: with at_flag::empty_path and an empty name the descriptor's own.
Result<Path> find_at(int descriptor, UserPtr<const char> name, u32 flags);
Result<Path> find_at(int descriptor, std::string_view name, u32 flags);
// The same with links followed or not by choice of the caller.
Result<Path> find_at(int descriptor, UserPtr<const char> name, u32 flags, vfs::FollowLast follow);
Result<Path> find_at(int descriptor, std::string_view name, u32 flags, vfs::FollowLast follow);

// A call that a signal interrupted starts again after a handler that allows it.
template <typename T>
Result<T> restartable(Result<T> result)
{
    if (!result && result.error() == Errno::intr)
        return fail(Errno::restart);
    return result;
}

}  // namespace tenon::syscall
