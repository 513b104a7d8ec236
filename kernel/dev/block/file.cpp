#include <algorithm>
#include <new>

#include "kernel/dev/block/registry.h"
#include "kernel/fs/open_file.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/credentials.h"

// An open /dev/vda: reading, writing and the ioctls that stock tools ask of a disk.

namespace tenon::block {
namespace {

// Linux's request numbers (uapi/linux/fs.h, uapi/linux/hdreg.h) for 64-bit systems.
namespace request {
constexpr u32 hdio_getgeo = 0x0301;
constexpr u32 blkroset = 0x125d;
constexpr u32 blkroget = 0x125e;
constexpr u32 blkgetsize = 0x1260;
constexpr u32 blkflsbuf = 0x1261;
constexpr u32 blkraget = 0x1263;
constexpr u32 blksszget = 0x1268;
constexpr u32 blkiomin = 0x1278;
constexpr u32 blkioopt = 0x1279;
constexpr u32 blkalignoff = 0x127a;
constexpr u32 blkpbszget = 0x127b;
constexpr u32 blkbszget = 0x80081270;
constexpr u32 blkgetsize64 = 0x80081272;
}  // namespace request

// struct hd_geometry
struct Geometry {
    u8 heads;
    u8 sectors;
    u16 cylinders;
    u32 padding;
    u64 start;
};
static_assert(sizeof(Geometry) == 16);

class BlockFile final : public FileOperations {
public:
    explicit BlockFile(Pin device) : device_(std::move(device)) {}

    Result<usize> read(std::span<std::byte> out, u64 offset, u32) override
    {
        if (offset >= device_->size())
            return 0;
        const usize count = static_cast<usize>(std::min<u64>(out.size(), device_->size() - offset));
        TRY(device_->read_bytes(offset, out.first(count)));
        return count;
    }

    Result<usize> write(std::span<const std::byte> data, u64 offset, u32) override
    {
        if (data.empty())
            return 0;
        if (offset >= device_->size())
            return fail(Errno::nospc);
        const usize count = static_cast<usize>(std::min<u64>(data.size(), device_->size() - offset));
        TRY(device_->write_bytes(offset, data.first(count)));
        return count;
    }

    Result<> sync() override { return device_->flush(); }
    Result<PageRef> page(u64 index) override { return device_->cached_page(index); }
    bool is_seekable() const override { return true; }

    Result<i64> ioctl(u32 request, u64 argument) override;

private:
    template <typename T>
    Result<i64> answer(u64 argument, T value) const
    {
        TRY(user::store(UserPtr<T>(argument), value));
        return 0;
    }

    Result<i64> flush()
    {
        if (!capable(Capability::sys_admin))
            return fail(Errno::acces);
        TRY(device_->flush());
        device_->drop_cache();
        return 0;
    }

    Result<i64> set_read_only(u64 argument) const;
    Geometry geometry() const;

    Pin device_;
};

Result<i64> BlockFile::ioctl(u32 request, u64 argument)
{
    switch (request) {
    case request::blkgetsize64:
        return answer<u64>(argument, device_->size());
    case request::blkgetsize:
        return answer<u64>(argument, device_->sector_count());
    case request::blksszget:
    case request::blkpbszget:
    case request::blkiomin:
        return answer<u32>(argument, sector_size);
    case request::blkbszget:
        return answer<u32>(argument, page_size);
    case request::blkioopt:
    case request::blkalignoff:
        return answer<u32>(argument, 0);
    case request::blkraget:
        return answer<u64>(argument, 0);
    case request::blkroget:
        return answer<u32>(argument, device_->is_read_only());
    case request::blkroset:
        return set_read_only(argument);
    case request::blkflsbuf:
        return flush();
    case request::hdio_getgeo:
        return answer(argument, geometry());
    default:
        return fail(Errno::notty);
    }
}

// The driver decides; asking for the state that it is in is no error.
Result<i64> BlockFile::set_read_only(u64 argument) const
{
    if (!capable(Capability::sys_admin))
        return fail(Errno::acces);
    const u32 wanted = TRY(user::load(UserPtr<u32>(argument)));
    if ((wanted != 0) != device_->is_read_only())
        return fail(Errno::opnotsupp);
    return 0;
}

// Disks have had no such geometry for decades; partitioning tools still ask for one.
Geometry BlockFile::geometry() const
{
    constexpr u32 heads = 16;
    constexpr u32 sectors = 63;
    const u64 cylinders = std::min<u64>(device_->sector_count() / (heads * sectors), 65535);
    return {heads, sectors, static_cast<u16>(cylinders), 0, 0};
}

}  // namespace

Result<std::unique_ptr<FileOperations>> open(DeviceNumber number, u32 flags)
{
    auto pin = TRY(Pin::take(number));
    if ((flags & open_flag::access_mask) != open_flag::read_only && pin->is_read_only())
        return fail(Errno::rofs);
    std::unique_ptr<FileOperations> file(new (std::nothrow) BlockFile(std::move(pin)));
    if (file == nullptr)
        return fail(Errno::nomem);
    return file;
}

}  // namespace tenon::block
