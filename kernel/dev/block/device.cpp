#include <tenon/block.h>

#include <algorithm>
#include <cstring>

#include "kernel/lib/checked.h"
#include <tenon/time.h>

// The bytes of a block device through its page cache.

namespace tenon {

BlockDevice::~BlockDevice() = default;

BlockDevice::Transfers BlockDevice::transfers() const
{
    const auto get = [](const std::atomic<u64>& value) { return value.load(std::memory_order_relaxed); };
    return {get(reads_.requests), get(reads_.sectors), get(reads_.time), get(writes_.requests), get(writes_.sectors), get(writes_.time)};
}

template <typename Request>
Result<> BlockDevice::count(Counters& counters, usize bytes, Request&& request)
{
    const u64 start = monotonic_now();
    TRY(request());
    counters.requests.fetch_add(1, std::memory_order_relaxed);
    counters.sectors.fetch_add(bytes / sector_size, std::memory_order_relaxed);
    counters.time.fetch_add(monotonic_now() - start, std::memory_order_relaxed);
    return {};
}

Result<> BlockDevice::fill_page(u64 index, std::span<std::byte> page)
{
    const u64 offset = index * page_size;
    if (offset >= size())
        return fail(Errno::io);
    const usize present = static_cast<usize>(std::min<u64>(page_size, size() - offset));
    TRY(count(reads_, present, [&] { return read_sectors(offset / sector_size, page.first(present)); }));
    std::memset(page.data() + present, 0, page.size() - present);
    return {};
}

// The last page of the device may be a part of one.
Result<> BlockDevice::fill_pages(u64 first, std::span<const std::span<std::byte>> pages)
{
    if (first + pages.size() > size() / page_size)
        return PageFiller::fill_pages(first, pages);
    return count(reads_, pages.size() * page_size, [&] { return read_scattered(first * page_size / sector_size, pages); });
}

Result<> BlockDevice::read_scattered(u64 first, std::span<const std::span<std::byte>> parts)
{
    for (const std::span<std::byte> part : parts) {
        TRY(read_sectors(first, part));
        first += part.size() / sector_size;
    }
    return {};
}

Result<PageRef> BlockDevice::cached_page(u64 index)
{
    return cache_.page(index);
}

Result<> BlockDevice::read_bytes(u64 offset, std::span<std::byte> out)
{
    if (!range_fits(offset, out.size(), size()))
        return fail(Errno::io);
    return cache_.read(offset, out);
}

Result<> BlockDevice::write_bytes(u64 offset, std::span<const std::byte> data)
{
    if (is_read_only())
        return fail(Errno::rofs);
    if (!range_fits(offset, data.size(), size()))
        return fail(Errno::nospc);
    const auto guard = TRY(KillableLockGuard::take(write_mutex_));
    while (!data.empty()) {
        const usize start = static_cast<usize>(offset % page_size);
        const usize count = std::min(data.size(), page_size - start);
        TRY(write_page(offset / page_size, start, data.first(count)));
        data = data.subspan(count);
        offset += count;
    }
    return {};
}

// After a failed write nobody knows what the medium holds: the page is read again when it is wanted.
Result<> BlockDevice::write_page(u64 index, usize start, std::span<const std::byte> data)
{
    const PageRef frame = TRY(cache_.page(index));
    const auto page = frame.bytes();
    std::memcpy(page.data() + start, data.data(), data.size());
    const usize first = align_down(start, sector_size);
    const usize end = align_up(start + data.size(), sector_size);
    const u64 sector = (index * page_size + first) / sector_size;
    const auto written = count(writes_, end - first, [&] { return write_sectors(sector, page.subspan(first, end - first)); });
    if (!written)
        cache_.discard(index);
    return written;
}

}  // namespace tenon
