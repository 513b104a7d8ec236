#pragma once

#include <atomic>
#include <span>
#include <string_view>

#include <boost/intrusive/list.hpp>

#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include <tenon/api.h>
#include <tenon/fs.h>
#include <tenon/page.h>
#include <tenon/page_cache.h>

// Block devices: what disk drivers provide and what file systems and /dev use.

namespace tenon {

constexpr usize sector_size = 512;

// One disk or partition. A driver derives from it and registers the object; the name appears in /dev. While it is open or
// mounted the owning module stays.
class TENON_API BlockDevice : public boost::intrusive::list_base_hook<>, private PageFiller, NoCopy {
public:
    virtual std::string_view name() const = 0;  // "vda"
    virtual u64 sector_count() const = 0;
    virtual bool is_read_only() const { return false; }
    // Whole sectors; blocks until done. The caller has checked the range. Buffers are in the linear map. Several calls may
    // run at once.
    virtual Result<> read_sectors(u64 first, std::span<std::byte> out) = 0;
    virtual Result<> write_sectors(u64 first, std::span<const std::byte> data) = 0;
    // The same for sectors that follow each other on the device but not in memory; each part is whole sectors. At most as
    // many parts as the page cache reads ahead.
    virtual Result<> read_scattered(u64 first, std::span<const std::span<std::byte>> parts);
    // What has been written is on stable storage afterwards.
    virtual Result<> flush() { return {}; }

    // Byte ranges through the device's page cache, for file systems; any alignment. Errno::io beyond the end.
    Result<> read_bytes(u64 offset, std::span<std::byte> out);
    // Writes through the cache to the device. Errno::nospc beyond the end, rofs.
    Result<> write_bytes(u64 offset, std::span<const std::byte> data);
    // The cached page that holds bytes [index * page_size, +page_size) of the device.
    Result<PageRef> cached_page(u64 index);
    // Forgets what the cache holds, so that the next read asks the device.
    void drop_cache() { cache_.discard_all(); }
    u64 size() const { return sector_count() * sector_size; }

    // What was moved between device and cache, for /proc/diskstats.
    struct Transfers {
        u64 reads = 0;
        u64 sectors_read = 0;
        u64 read_time = 0;  // nanoseconds, as write_time
        u64 writes = 0;
        u64 sectors_written = 0;
        u64 write_time = 0;

        Transfers& operator+=(const Transfers& other)
        {
            reads += other.reads;
            sectors_read += other.sectors_read;
            read_time += other.read_time;
            writes += other.writes;
            sectors_written += other.sectors_written;
            write_time += other.write_time;
            return *this;
        }
    };
    Transfers transfers() const;

    DeviceNumber number;            // given at registration
    ModuleHandle* owner = nullptr;  // set at registration; null for the kernel

protected:
    BlockDevice() : cache_(*this) {}
    virtual ~BlockDevice();

private:
    u64 page_count() const override { return (size() + page_size - 1) / page_size; }
    Result<> fill_page(u64 index, std::span<std::byte> page) override;
    Result<> fill_pages(u64 first, std::span<const std::span<std::byte>> pages) override;
    Result<> write_page(u64 index, usize start, std::span<const std::byte> data);

    struct Counters {
        std::atomic<u64> requests{0};
        std::atomic<u64> sectors{0};
        std::atomic<u64> time{0};
    };
    template <typename Request>
    static Result<> count(Counters& counters, usize bytes, Request&& request);

    Counters reads_;
    Counters writes_;
    PageCache cache_;
    Mutex write_mutex_;  // one writer at a time changes cached pages
};

// Gives the device a number (major of `driver_name`, next minor) and a node in /dev, then looks for partitions, which
// become devices of their own ("vda1"). Errno::exist when the name is taken.
TENON_API Result<> register_block_device(BlockDevice& device, std::string_view driver_name, ModuleHandle* owner);
// Its partitions go too. The caller guarantees that nobody has it open (its owner's references do).
TENON_API void unregister_block_device(BlockDevice& device);

}  // namespace tenon
