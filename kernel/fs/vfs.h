#pragma once

#include <string_view>

#include "kernel/fs/open_file.h"
#include "kernel/fs/path.h"

// What system calls do with names. `base` is where relative names start; absolute ones start at the root directory of the
// calling process (of a thread without process: the first mount). The rights are those of current_credentials().

namespace tenon::vfs {

Result<> make_node(const Path& base, std::string_view name, u32 mode, DeviceNumber device);
Result<> make_directory(const Path& base, std::string_view name, u32 permissions);
Result<> make_symlink(const Path& base, std::string_view name, std::string_view target);
Result<> make_link(const Path& old_path, const Path& base, std::string_view name);
Result<> remove_file(const Path& base, std::string_view name);
Result<> remove_directory(const Path& base, std::string_view name);

enum class Replace : u8 { no, yes, exchange };  // what happens to an existing file of the new name
Result<> rename(const Path& old_base, std::string_view old_name, const Path& new_base, std::string_view new_name, Replace replace);

// A file's size and the space it occupies. Errno::fbig, with SIGXFSZ, for what is beyond the caller's RLIMIT_FSIZE.
Result<> truncate(const Path& path, u64 size);
enum class KeepSize : bool { no, yes };
Result<> allocate(const Path& path, u64 start, u64 size, KeepSize keep_size);  // start + size does not overflow
Result<> punch_hole(const Path& path, u64 start, u64 size);
Result<> set_mode(const Path& path, u32 permissions);
constexpr u32 unchanged_owner = ~u32{0};
// As chown(2) a file loses its set-id bits, whoever asks.
Result<> set_owner(const Path& path, u32 uid, u32 gid);
// Whoever may write a file may say that both times are now; only its owner may choose them.
enum class SetsBothNow : bool { no, yes };
Result<> set_times(const Path& path, TimeSpec accessed, TimeSpec modified, SetsBothNow both_now);

// Errno::rofs when the mount of `path` is read-only.
Result<> require_writable(const Path& path);

// Whether `path` is `ancestor` or lies below it, mounts crossed.
bool is_same_or_below(const Path& path, const Path& ancestor);

// The root directory of the calling process, or of the system.
Path caller_root();

}  // namespace tenon::vfs
