#pragma once

#include <atomic>

#include "kernel/fs/path.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include <tenon/sync.h>

namespace tenon {

// Where names start and what permissions new files lack. Shared by the threads of a process, and between processes after
// clone(CLONE_FS).
class FileSystemContext final : public RefCounted {
public:
    static Result<Ref<FileSystemContext>> create(Path root_directory, Path working_directory);
    Result<Ref<FileSystemContext>> clone() const;

    Path root_directory() const;
    Path working_directory() const;
    void set_root_directory(Path path);
    void set_working_directory(Path path);

    std::atomic<u32> umask{022};

private:
    FileSystemContext() = default;
    Path get(const Path& path) const;
    void set(Path& path, Path value);

    mutable Spinlock lock_;
    Path root_directory_;     // protected by lock_
    Path working_directory_;  // protected by lock_
};

}  // namespace tenon
