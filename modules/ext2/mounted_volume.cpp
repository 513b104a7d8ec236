#include "modules/ext2/mounted_volume.h"

#include <new>

#include <tenon/crc16.h>
#include <tenon/log.h>

namespace tenon::ext2 {

Result<std::unique_ptr<SuperBlock>> MountedVolume::mount(BlockDevice& device)
{
    std::unique_ptr<MountedVolume> mounted(new (std::nothrow) MountedVolume(device));
    if (mounted == nullptr)
        return tenon::fail(Errno::nomem);
    auto volume = TRY(Volume::open(*mounted, crc16));
    mounted->volume_ = std::move(volume);
    const auto root = TRY(mounted->root());
    if (!root->is_directory())
        return mounted->fail(Errno::uclean, "the root inode is not a directory");
    if (!mounted->geometry().was_unmounted_cleanly)
        log::warning("ext2", "{}: the volume was not unmounted cleanly; e2fsck is recommended", device.name());
    return std::unique_ptr<SuperBlock>(std::move(mounted));
}

FileSystemStatistics MountedVolume::statistics() const
{
    const Geometry& geometry = volume_->geometry();
    FileSystemStatistics statistics;
    statistics.type = magic;
    statistics.block_size = geometry.block_size;
    statistics.blocks = geometry.block_count - geometry.first_data_block;
    statistics.blocks_free = geometry.free_blocks;
    statistics.files = geometry.inode_count;
    statistics.files_free = geometry.free_inodes;
    statistics.name_max = 255;
    return statistics;
}

// Data is cached by the nodes, so it does not go through the device's cache as well.
Result<> MountedVolume::read_data(u64 offset, std::span<const std::span<std::byte>> parts)
{
    return device_.read_scattered(offset / sector_size, parts);
}

// A broken volume must not fill the log.
void MountedVolume::complain(std::string_view text)
{
    constexpr u32 limit = 20;
    const u32 before = complaints_.fetch_add(1, std::memory_order_relaxed);
    if (before < limit)
        log::error("ext2", "{}: {}", device_.name(), text);
    else if (before == limit)
        log::error("ext2", "{}: more errors, which are not logged", device_.name());
}

Ref<Node> MountedVolume::find(u32 number)
{
    const auto [first, last] = nodes_.equal_range(number);
    for (auto node = first; node != last; ++node)
        if (node->try_acquire())
            return adopt_ref(&*node);
    return nullptr;
}

Result<Ref<Inode>> MountedVolume::node(u32 number)
{
    {
        LockGuard guard(lock_);
        if (Ref<Node> existing = find(number))
            return Ref<Inode>(std::move(existing));
    }
    const InodeRecord record = TRY(volume_->read_inode(number));
    Ref<Node> made = adopt_ref(new (std::nothrow) Node(*this, record));
    if (!made)
        return tenon::fail(Errno::nomem);
    // The one that loses a race is deleted after the lock is free: its destructor takes it.
    Ref<Node> existing;
    {
        LockGuard guard(lock_);
        existing = find(number);
        if (!existing)
            nodes_.insert(*made);
    }
    return Ref<Inode>(existing ? std::move(existing) : std::move(made));
}

void MountedVolume::forget(Node& node)
{
    LockGuard guard(lock_);
    if (node.is_linked())
        nodes_.erase(nodes_.iterator_to(node));
}

}  // namespace tenon::ext2
