#include <algorithm>
#include <cstring>

#include "kernel/fs/ramfs/ramfs.h"

namespace tenon::ramfs {

InodeAttributes RamFile::attributes() const
{
    InodeAttributes attributes = attributes_.get();
    attributes.blocks = pages_.count() * (page_size / 512);
    return attributes;
}

Result<usize> RamFile::read(std::span<std::byte> out, u64 offset)
{
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    const u64 size = attributes_.size();
    if (offset >= size)
        return usize{0};
    const usize total = static_cast<usize>(std::min<u64>(out.size(), size - offset));
    for (usize done = 0; done < total;) {
        TRY(resched_point());
        const usize start = (offset + done) % page_size;
        const usize count = std::min(total - done, page_size - start);
        if (const PageRef* page = pages_.find((offset + done) / page_size))
            std::memcpy(out.data() + done, page->bytes().data() + start, count);
        else
            std::memset(out.data() + done, 0, count);
        done += count;
    }
    return total;
}

// A part that was written counts; the error then comes with the next call.
Result<usize> RamFile::write(std::span<const std::byte> data, u64 offset)
{
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    usize done = 0;
    while (done < data.size()) {
        if (const auto point = resched_point(); !point) {
            if (done == 0)
                return fail(point.error());
            break;
        }
        const usize start = (offset + done) % page_size;
        const usize count = std::min(data.size() - done, page_size - start);
        const auto fill = count == page_size ? PageTable::Fill::nothing : PageTable::Fill::zero;
        auto page = pages_.get((offset + done) / page_size, fill);
        if (!page && done == 0)
            return fail(page.error());
        if (!page)
            break;
        std::memcpy(page->bytes().data() + start, data.data() + done, count);
        done += count;
    }
    attributes_.change_content([&](InodeAttributes& attributes) { attributes.size = std::max(attributes.size, offset + done); });
    return done;
}

Result<> RamFile::truncate(u64 size)
{
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    if (size > PageTable::max_pages * page_size)
        return fail(Errno::fbig);
    if (size <= attributes_.size()) {  // space that was allocated behind the end goes, too
        pages_.cut((size + page_size - 1) / page_size);
        const usize kept = size % page_size;
        if (const PageRef* last = kept != 0 ? pages_.find(size / page_size) : nullptr)
            std::memset(last->bytes().data() + kept, 0, page_size - kept);
    }
    attributes_.change_content([&](InodeAttributes& attributes) { attributes.size = size; });
    return {};
}

Result<> RamFile::allocate(u64 start, u64 size)
{
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    for (u64 index = start / page_size; index * page_size < start + size; ++index)
        TRY(pages_.get(index, PageTable::Fill::zero));
    return {};
}

void RamFile::clear_locked(u64 index, usize start, usize end)
{
    if (const PageRef* page = pages_.find(index))
        std::memset(page->bytes().data() + start, 0, end - start);
}

// Parts of pages are cleared.
Result<> RamFile::punch_hole(u64 start, u64 size)
{
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    const u64 end = start + size;
    const u64 first_whole = (start + page_size - 1) / page_size;
    const u64 end_whole = end / page_size;
    if (first_whole > end_whole) {
        clear_locked(end_whole, start % page_size, end % page_size);
        attributes_.touch();
        return {};
    }
    if (start % page_size != 0)
        clear_locked(first_whole - 1, start % page_size, page_size);
    if (end % page_size != 0)
        clear_locked(end_whole, 0, end % page_size);
    pages_.punch(first_whole, end_whole);
    attributes_.touch();
    return {};
}

Result<PageRef> RamFile::page(u64 index)
{
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    if (index >= (attributes_.size() + page_size - 1) / page_size)
        return fail(Errno::fault);
    return pages_.get(index, PageTable::Fill::zero);
}

}  // namespace tenon::ramfs
