#include "modules/ext2/node.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "modules/ext2/mounted_volume.h"

namespace tenon::ext2 {
namespace {

TimeSpec time_spec(const Time& time)
{
    return {time.seconds, time.nanoseconds};
}

}  // namespace

Node::Node(MountedVolume& volume, const InodeRecord& record)
    : Inode(volume), volume_(volume), record_(record), pages_(*this)
{
}

Node::~Node()
{
    volume_.forget(*this);
}

InodeAttributes Node::attributes() const
{
    InodeAttributes attributes;
    attributes.number = record_.number;
    attributes.mode = record_.mode;
    attributes.links = record_.links;
    attributes.uid = record_.uid;
    attributes.gid = record_.gid;
    attributes.size = record_.size;
    attributes.blocks = record_.sectors;
    attributes.block_size = volume_.geometry().block_size;
    if (record_.is_device()) {
        const Device device = record_.device();
        attributes.device = {device.major, device.minor};
    }
    attributes.accessed = time_spec(record_.accessed);
    attributes.modified = time_spec(record_.modified);
    attributes.changed = time_spec(record_.changed);
    return attributes;
}

Result<> Node::fill_page(u64 index, std::span<std::byte> page)
{
    return volume_.volume().read_page(record_, index, page);
}

Result<> Node::fill_pages(u64 first, std::span<const std::span<std::byte>> pages)
{
    return volume_.volume().read_pages(record_, first, pages);
}

Result<usize> Node::read(std::span<std::byte> out, u64 offset)
{
    if (record_.is_directory())
        return fail(Errno::isdir);
    if (!record_.is_regular())
        return fail(Errno::inval);
    if (offset >= record_.size)
        return 0;
    const usize count = static_cast<usize>(std::min<u64>(out.size(), record_.size - offset));
    TRY(pages_.read(offset, out.first(count)));
    return count;
}

Result<PageRef> Node::page(u64 index)
{
    if (!record_.is_regular())
        return fail(Errno::nodev);
    if (index >= (record_.size + page_size - 1) / page_size)
        return fail(Errno::nxio);
    return pages_.page(index);
}

// A directory's size is a multiple of the block size.
template <typename Visit>
Result<> Node::for_each_entry(u64 offset, Visit&& visit)
{
    const u32 block_size = volume_.geometry().block_size;
    const std::unique_ptr<std::byte[]> buffer(new (std::nothrow) std::byte[block_size]);
    if (buffer == nullptr)
        return fail(Errno::nomem);
    const std::span bytes(buffer.get(), block_size);
    u32 within = static_cast<u32>(offset % block_size);
    for (u64 start = offset - within; start < record_.size; start += block_size, within = 0) {
        TRY(resched_point());
        TRY(pages_.read(start, bytes));
        const DirectoryBlock block = TRY(DirectoryBlock::parse(bytes, volume_.geometry(), record_.number, volume_));
        for (auto entry = block.first_from(within); entry; entry = block.after(*entry))
            if (!visit(*entry, start))
                return {};
    }
    return {};
}

Result<Ref<Inode>> Node::lookup(std::string_view name)
{
    if (!record_.is_directory())
        return fail(Errno::notdir);
    u32 found = 0;
    TRY(for_each_entry(0, [&](const DirectoryEntry& entry, u64) {
        if (entry.name == name)
            found = entry.inode;
        return found == 0;
    }));
    if (found == 0)
        return fail(Errno::noent);
    return volume_.node(found);
}

// The cookie is the offset of the next entry in the directory.
Result<> Node::read_directory(u64 cookie, DirectorySink& sink)
{
    if (!record_.is_directory())
        return fail(Errno::notdir);
    return for_each_entry(cookie, [&](const DirectoryEntry& entry, u64 start) {
        if (entry.name == "." || entry.name == "..")
            return true;
        return sink.emit(entry.name, entry.inode, entry.type, start + entry.next_offset);
    });
}

Result<usize> Node::read_symlink(std::span<char> out)
{
    if (!record_.is_symlink())
        return fail(Errno::inval);
    const usize count = std::min<usize>(out.size(), record_.size);
    if (record_.is_fast_symlink(volume_.geometry()))
        std::memcpy(out.data(), record_.inline_text().data(), count);
    else
        TRY(pages_.read(0, std::as_writable_bytes(out.first(count))));
    return count;
}

}  // namespace tenon::ext2
