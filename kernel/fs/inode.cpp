#include "kernel/fs/path.h"
#include <tenon/fs.h>

// What an object refuses when its file system does not implement an operation.

namespace tenon {

namespace {

constinit std::atomic<u64> inodes{0};

}  // namespace

Inode::Inode(SuperBlock& super_block) : super_block_(super_block)
{
    inodes.fetch_add(1, std::memory_order_relaxed);
}

Inode::~Inode()
{
    inodes.fetch_sub(1, std::memory_order_relaxed);
}

u64 Inode::count()
{
    return inodes.load(std::memory_order_relaxed);
}

SuperBlock::~SuperBlock() = default;
FileOperations::~FileOperations() = default;

namespace {

// One step away from zero, in a direction in which nobody has gone the other way.
Result<> step_count(std::atomic<i32>& counter, i32 step)
{
    i32 now = counter.load(std::memory_order_relaxed);
    do {
        if (now * step < 0)
            return fail(Errno::txtbsy);
    } while (!counter.compare_exchange_weak(now, now + step, std::memory_order_acquire, std::memory_order_relaxed));
    return {};
}

}  // namespace

Result<> Inode::begin_writing()
{
    return step_count(writers_, 1);
}

Result<> Inode::begin_running()
{
    return step_count(writers_, -1);
}

Result<usize> Inode::read(std::span<std::byte>, u64)
{
    return fail(is_directory() ? Errno::isdir : Errno::inval);
}

Result<usize> Inode::write(std::span<const std::byte>, u64)
{
    return fail(is_directory() ? Errno::isdir : Errno::inval);
}

Result<> Inode::truncate(u64)
{
    return fail(is_directory() ? Errno::isdir : Errno::inval);
}

Result<> Inode::allocate(u64, u64)
{
    return fail(Errno::opnotsupp);
}

Result<> Inode::punch_hole(u64, u64)
{
    return fail(Errno::opnotsupp);
}

Result<PageRef> Inode::page(u64)
{
    return fail(Errno::nodev);
}

Result<Ref<Inode>> Inode::lookup(std::string_view)
{
    return fail(Errno::notdir);
}

Result<> Inode::read_directory(u64, DirectorySink&)
{
    return fail(Errno::notdir);
}

Result<Ref<Inode>> Inode::create(std::string_view, u32, DeviceNumber)
{
    return fail(Errno::perm);
}

Result<> Inode::symlink(std::string_view, std::string_view)
{
    return fail(Errno::perm);
}

Result<> Inode::link(std::string_view, Inode&)
{
    return fail(Errno::perm);
}

Result<> Inode::unlink(std::string_view)
{
    return fail(Errno::perm);
}

Result<> Inode::rmdir(std::string_view)
{
    return fail(Errno::perm);
}

Result<> Inode::rename(std::string_view, Inode&, std::string_view)
{
    return fail(Errno::perm);
}

Result<> Inode::exchange(std::string_view, Inode&, std::string_view)
{
    return fail(Errno::inval);
}

Result<Ref<Inode>> Inode::create_unnamed(u32, Linkable)
{
    return fail(Errno::opnotsupp);
}

Result<usize> Inode::read_symlink(std::span<char>)
{
    return fail(Errno::inval);
}

Result<Path> Inode::linked_place()
{
    return Path();
}

Result<> Inode::set_mode(u32)
{
    return fail(Errno::perm);
}

Result<> Inode::set_owner(u32, u32)
{
    return fail(Errno::perm);
}

Result<> Inode::set_times(TimeSpec, TimeSpec)
{
    return fail(Errno::perm);
}

Result<std::unique_ptr<FileOperations>> Inode::open(u32)
{
    return std::unique_ptr<FileOperations>();
}

Result<usize> FileOperations::read(std::span<std::byte>, u64, u32)
{
    return fail(Errno::inval);
}

Result<usize> FileOperations::write(std::span<const std::byte>, u64, u32)
{
    return fail(Errno::inval);
}

Result<i64> FileOperations::ioctl(u32, u64)
{
    return fail(Errno::notty);
}

u32 FileOperations::poll(PollTable&)
{
    return poll_event::in | poll_event::out;
}

Result<> FileOperations::sync()
{
    return fail(Errno::inval);
}

Result<usize> FileOperations::pipe_size() const
{
    return fail(Errno::badf);
}

Result<usize> FileOperations::set_pipe_size(usize)
{
    return fail(Errno::badf);
}

Result<PageRef> FileOperations::page(u64)
{
    return fail(Errno::nodev);
}

}  // namespace tenon
