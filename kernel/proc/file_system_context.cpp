#include "kernel/proc/file_system_context.h"

#include <new>

namespace tenon {

Result<Ref<FileSystemContext>> FileSystemContext::create(Path root_directory, Path working_directory)
{
    auto context = adopt_ref(new (std::nothrow) FileSystemContext);
    if (!context)
        return fail(Errno::nomem);
    context->root_directory_ = std::move(root_directory);
    context->working_directory_ = std::move(working_directory);
    return context;
}

Result<Ref<FileSystemContext>> FileSystemContext::clone() const
{
    auto copy = TRY(create(root_directory(), working_directory()));
    copy->umask.store(umask.load(std::memory_order_relaxed), std::memory_order_relaxed);
    return copy;
}

Path FileSystemContext::get(const Path& path) const
{
    LockGuard guard(lock_);
    return path;
}

void FileSystemContext::set(Path& path, Path value)
{
    // The former path leaves with the parameter, after the lock.
    LockGuard guard(lock_);
    std::swap(path, value);
}

Path FileSystemContext::root_directory() const
{
    return get(root_directory_);
}

Path FileSystemContext::working_directory() const
{
    return get(working_directory_);
}

void FileSystemContext::set_root_directory(Path path)
{
    set(root_directory_, std::move(path));
}

void FileSystemContext::set_working_directory(Path path)
{
    set(working_directory_, std::move(path));
}

}  // namespace tenon
