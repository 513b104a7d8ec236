#include "kernel/fs/initramfs/initramfs.h"

#include <algorithm>
#include <memory>

#include "kernel/boot_info.h"
#include "kernel/compression/zstd.h"
#include "kernel/fs/initramfs/foreign_format.h"
#include "kernel/fs/initramfs/newc_reader.h"
#include "kernel/fs/initramfs/unpacker.h"
#include "kernel/fs/vfs.h"
#include "kernel/lib/bits.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/page_buffer.h"
#include <tenon/log.h>

namespace tenon::initramfs {
namespace {

using Bytes = std::span<const std::byte>;

Result<> refuse(std::string_view why)
{
    log::error("initramfs", "{}", why);
    return fail(Errno::inval);
}

bool is_zstd(Bytes image)
{
    return image.size() >= sizeof(u32) && load_le<u32>(image) == zstd::magic;
}

Bytes skip_zeros(Bytes image)
{
    const auto first = std::find_if(image.begin(), image.end(), [](std::byte value) { return value != std::byte{0}; });
    return image.subspan(static_cast<usize>(first - image.begin()));
}

Result<> feed(NewcReader& reader, Bytes archive)
{
    while (!archive.empty()) {
        if (reader.is_between_archives())
            archive = skip_zeros(archive);
        const auto used = reader.feed(archive);
        if (!used) {
            if (used.error() == Errno::inval)
                log::error("initramfs", "{} (byte {} of the archive)", reader.problem(), reader.position());
            return fail(used.error());
        }
        archive = archive.subspan(*used);
    }
    return {};
}

// One frame, which may be a part of an archive. Returns its compressed size.
Result<usize> feed_zstd_frame(NewcReader& reader, Bytes image)
{
    const auto frame = zstd::first_frame(image);
    if (!frame) {
        log::error("initramfs", "the zstd data is cut off or corrupt: {}", frame.error().reason);
        return fail(frame.error().error);
    }
    const auto room = TRY(PageBuffer::allocate(static_cast<usize>(frame->largest_size)));
    const auto size = zstd::unpack(image.first(frame->packed_size), room.bytes());
    if (!size) {
        log::error("initramfs", "decompression failed: {}", size.error().reason);
        return fail(size.error().error);
    }
    TRY(feed(reader, room.bytes().first(*size)));
    return frame->packed_size;
}

// A plain archive ends at its trailer; what follows may be compressed again.
Result<usize> feed_plain(NewcReader& reader, Bytes image)
{
    const auto used = reader.feed(image);
    if (!used && used.error() == Errno::inval)
        log::error("initramfs", "{} (byte {} of the archive)", reader.problem(), reader.position());
    return used;
}

}  // namespace

Result<> make_first_entries()
{
    constexpr DeviceNumber console{5, 1};
    const Path root = vfs::root();
    TRY(vfs::make_directory(root, "dev", 0755));
    TRY(vfs::make_node(root, "dev/console", mode::char_device | 0600, console));
    return vfs::make_directory(root, "root", 0700);
}

Result<> unpack(Bytes image)
{
    const std::unique_ptr<Unpacker> unpacker(new (std::nothrow) Unpacker);
    const std::unique_ptr<NewcReader> reader(unpacker ? new (std::nothrow) NewcReader(*unpacker) : nullptr);
    if (!reader)
        return fail(Errno::nomem);
    for (image = skip_zeros(image); !image.empty();) {
        if (const auto format = foreign_format(image); reader->is_between_archives() && !format.empty()) {
            log::error("initramfs", "an archive is {}-compressed: pack it with zstd, or not at all", format);
            return fail(Errno::inval);
        }
        const usize used = TRY(is_zstd(image) ? feed_zstd_frame(*reader, image) : feed_plain(*reader, image));
        image = image.subspan(used);
        if (reader->is_between_archives())
            image = skip_zeros(image);
    }
    if (!reader->is_between_archives())
        return refuse("the archive is cut off");
    return {};
}

void unpack_boot_image()
{
    const PhysRange initrd = boot_info().initrd;
    if (initrd.size() == 0)
        return;
    const auto* const start = layout::linear(initrd.start).pointer<const std::byte>();
    if (const auto unpacked = unpack({start, static_cast<usize>(initrd.size())}); !unpacked)
        log::error("initramfs", "not unpacked completely: {}", unpacked.error());
    frames::add_range(initrd);
}

}  // namespace tenon::initramfs
