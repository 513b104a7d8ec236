#include "kernel/mm/page_cache.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <new>

#include "kernel/mm/frames.h"

namespace tenon {

// All caches, for the reclaimer, and what it leaves behind. Lock order: lock, then PageCache::lock_, then the locks of the
// page allocator. The reclaimer may run inside a failing heap allocation, so it must not enter the heap: the nodes of the
// pages that it drops wait on `graveyard` until a thread that fills a page deletes them.
class PageReclaim {
public:
    using Page = PageCache::Page;

    static void add(PageCache& cache)
    {
        LockGuard guard(lock);
        caches.push_back(cache);
    }

    static void remove(PageCache& cache)
    {
        LockGuard guard(lock);
        if (&cache == &caches.front())
            left_in_front = 0;
        caches.erase(caches.iterator_to(cache));
    }

    static void bury(Page& page)
    {
        LockGuard guard(graveyard_lock);
        graveyard.push_back(page);
    }

    static void clear_graveyard()
    {
        for (;;) {
            static_cast<void>(resched_point());
            std::unique_ptr<Page> page;
            {
                LockGuard guard(graveyard_lock);
                if (graveyard.empty())
                    return;
                page.reset(&graveyard.front());
                graveyard.pop_front();
            }
        }
    }

    // Looks at up to `looked_at` pages from where the last call stopped, a few at a time: in between the locks are free and
    // interrupts come through. A page that was used lately survives the first look.
    static usize reclaim(usize wanted, u64 looked_at)
    {
        usize freed = 0;
        while (freed < wanted && looked_at != 0) {
            LockGuard guard(lock);
            if (caches.empty())
                break;
            const u64 step = std::min<u64>(looked_at, pages_per_step);
            const PageCache::Scan scan = caches.front().reclaim(wanted - freed, step);
            freed += scan.freed;
            left_in_front -= std::min(left_in_front, scan.looked_at);
            if (left_in_front == 0)
                go_on_to_next_cache();
            looked_at -= std::max<u64>(scan.looked_at, 1);
        }
        return freed;
    }

    static inline std::atomic<u64> page_count{0};

private:
    static constexpr u64 pages_per_step = 32;

    static void go_on_to_next_cache()
    {
        caches.splice(caches.end(), caches, caches.begin());
        left_in_front = caches.front().page_count();
    }

    static inline Spinlock lock;
    // The reclaimer's place: the first cache, which it leaves after `left_in_front` more pages. Protected by lock.
    static inline boost::intrusive::list<PageCache> caches;
    static inline u64 left_in_front = 0;
    static inline Spinlock graveyard_lock;                   // innermost
    static inline boost::intrusive::list<Page, boost::intrusive::constant_time_size<false>> graveyard;
};

namespace page_cache {
namespace {

constexpr usize reclaim_batch = 64;

// Half of memory at most, and never the last sixteenth.
void keep_bounds()
{
    const frames::Statistics memory = frames::statistics();
    if (cached_pages() > memory.total_pages / 2 || memory.free_pages < memory.total_pages / 16)
        reclaim(reclaim_batch);
}

}  // namespace

u64 cached_pages()
{
    return PageReclaim::page_count.load(std::memory_order_relaxed);
}

usize reclaim(usize wanted)
{
    constexpr u64 looked_at = 512;
    return PageReclaim::reclaim(wanted, looked_at);
}

void reclaim_until(u64 free_pages)
{
    // Twice round: the first look may only find that a page was used.
    constexpr u64 looked_at = 512;
    for (u64 left = 2 * cached_pages() + looked_at; left > looked_at; left -= looked_at) {
        if (frames::statistics().free_pages >= free_pages)
            return;
        PageReclaim::reclaim(reclaim_batch, looked_at);
        static_cast<void>(resched_point());
    }
}

}  // namespace page_cache

Result<> PageFiller::fill_pages(u64 first, std::span<const std::span<std::byte>> pages)
{
    for (const std::span<std::byte> page : pages)
        TRY(fill_page(first++, page));
    return {};
}

PageCache::PageCache(PageFiller& filler) : filler_(filler)
{
    PageReclaim::add(*this);
}

PageCache::~PageCache()
{
    PageReclaim::remove(*this);
    discard_all();
}

Result<PageRef> PageCache::page(u64 index)
{
    for (;;) {
        auto found = find_or_wait(index);
        if (found || found.error() != Errno::again)
            return found;
        auto filled = fill_new(index);
        if (filled || filled.error() != Errno::again)
            return filled;
    }
}

// Errno::again: absent.
Result<PageRef> PageCache::find_or_wait(u64 index)
{
    PageRef frame;
    bool filling = false;
    const auto look = [&] {
        LockGuard guard(lock_);
        const auto page = pages_.find(index);
        filling = page != pages_.end() && page->filling;
        if (page != pages_.end() && !filling) {
            page->used = true;
            frame = page->frame;
        }
        return !filling;
    };
    if (!look())
        TRY(filled_.wait_until(Interruptible::killable, look));
    if (!frame)
        return fail(Errno::again);
    return frame;
}

// Pages that are filled together. Owns them until finish() publishes them.
struct PageCache::Batch {
    static constexpr usize limit = 16;

    Result<> add(u64 index)
    {
        std::unique_ptr<Page> page(new (std::nothrow) Page);
        if (page == nullptr)
            return fail(Errno::nomem);
        const PhysAddr frame = TRY(frames::allocate(0, frames::Zeroed::no));
        page->index = index;
        page->frame = PageRef::adopt(frame);
        contents[count] = page->frame.bytes();
        pages[count++] = std::move(page);
        return {};
    }

    std::array<std::unique_ptr<Page>, limit> pages;
    std::array<std::span<std::byte>, limit> contents;
    usize count = 0;
};

// One page for who jumps about, more for who reads on.
usize PageCache::choose_window(u64 index)
{
    constexpr usize at_start = 4;
    const u64 left = filler_.page_count() - std::min(index, filler_.page_count());
    LockGuard guard(lock_);
    const bool sequential = index != 0 && pages_.find(index - 1) != pages_.end();
    const usize window = index == 0 ? at_start : sequential ? Batch::limit : 1;
    return static_cast<usize>(std::clamp<u64>(left, 1, window));
}

// Errno::again: another thread was faster.
Result<PageRef> PageCache::fill_new(u64 index)
{
    const usize window = choose_window(index);
    auto filled = fill_batch(index, window);
    // What is wrong may be wrong with a page that nobody asked for.
    const bool retry = !filled && filled.error() != Errno::again && window > 1;
    return retry ? fill_batch(index, 1) : filled;
}

Result<PageRef> PageCache::fill_batch(u64 first, usize wanted)
{
    PageReclaim::clear_graveyard();
    page_cache::keep_bounds();
    Batch batch;
    TRY(batch.add(first));
    while (batch.count < wanted && batch.add(first + batch.count)) {
    }
    const Urgent others_wait_for_these_pages;
    insert(batch);
    if (batch.count == 0)
        return fail(Errno::again);
    const PageRef frame = batch.pages[0]->frame;
    const auto contents = std::span<const std::span<std::byte>>(batch.contents).first(batch.count);
    const Result<> filled = batch.count == 1 ? filler_.fill_page(first, contents[0]) : filler_.fill_pages(first, contents);
    finish(batch, filled.has_value());
    if (!filled)
        return fail(filled.error());
    return frame;
}

// Shortens the batch to the pages in front of the first that is there already.
void PageCache::insert(Batch& batch)
{
    LockGuard guard(lock_);
    usize inserted = 0;
    while (inserted < batch.count && pages_.insert(*batch.pages[inserted]).second)
        clock_.push_back(*batch.pages[inserted++]);
    batch.count = inserted;
    PageReclaim::page_count.fetch_add(inserted, std::memory_order_relaxed);
}

void PageCache::finish(Batch& batch, bool filled)
{
    {
        LockGuard guard(lock_);
        for (auto& page : std::span(batch.pages).first(batch.count)) {
            page->filling = false;
            if (filled && !page->discarded)
                page.release();
            else
                remove(*page);
        }
    }
    filled_.wake_all();
}

Result<> PageCache::read(u64 offset, std::span<std::byte> out)
{
    while (!out.empty()) {
        TRY(resched_point());
        const usize start = static_cast<usize>(offset % page_size);
        const usize count = std::min(out.size(), page_size - start);
        const PageRef frame = TRY(page(offset / page_size));
        std::memcpy(out.data(), frame.bytes().data() + start, count);
        out = out.subspan(count);
        offset += count;
    }
    return {};
}

// The lock is held; the caller disposes of the node.
void PageCache::remove(Page& page)
{
    pages_.erase(pages_.iterator_to(page));
    clock_.erase(clock_.iterator_to(page));
    PageReclaim::page_count.fetch_sub(1, std::memory_order_relaxed);
}

void PageCache::discard(u64 index)
{
    LockGuard guard(lock_);
    const auto found = pages_.find(index);
    if (found == pages_.end())
        return;
    if (found->filling) {
        found->discarded = true;
        return;
    }
    remove(*found);
    found->frame = PageRef();
    PageReclaim::bury(*found);
}

void PageCache::discard_all()
{
    constexpr u64 slice = 64;  // pages for which the lock is held
    for (u64 left = page_count(); left != 0;) {
        {
            LockGuard guard(lock_);
            left = std::min<u64>(left, clock_.size());
            for (u64 i = 0; i < slice && left != 0; ++i, --left) {
                Page& page = clock_.front();
                page.discarded = true;
                if (page.filling) {  // goes when it is filled
                    clock_.splice(clock_.end(), clock_, clock_.begin());
                    continue;
                }
                remove(page);
                page.frame = PageRef();
                PageReclaim::bury(page);
            }
        }
        PageReclaim::clear_graveyard();
        static_cast<void>(resched_point());
    }
}

u64 PageCache::page_count() const
{
    LockGuard guard(lock_);
    return clock_.size();
}

// Second chance: a page that was used since the last look is passed over once.
PageCache::Scan PageCache::reclaim(usize wanted, u64 looked_at)
{
    LockGuard guard(lock_);
    Scan scan;
    const u64 end = std::min<u64>(looked_at, clock_.size());
    for (; scan.looked_at < end && scan.freed < wanted; ++scan.looked_at) {
        Page& page = clock_.front();
        const bool keep = page.filling || page.frame.is_shared() || std::exchange(page.used, false);
        if (keep) {
            clock_.splice(clock_.end(), clock_, clock_.begin());
            continue;
        }
        remove(page);
        page.frame = PageRef();
        PageReclaim::bury(page);
        ++scan.freed;
    }
    return scan;
}

}  // namespace tenon
