#include "kernel/mm/page_cache.h"

#include <algorithm>
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

    static usize reclaim(usize wanted)
    {
        LockGuard guard(lock);
        usize freed = 0;
        for (PageCache& cache : caches) {
            if (freed >= wanted)
                break;
            freed += cache.reclaim(wanted - freed);
        }
        // The next call starts with another cache.
        if (!caches.empty())
            caches.splice(caches.end(), caches, caches.begin());
        return freed;
    }

    static inline std::atomic<u64> page_count{0};

private:
    static inline Spinlock lock;
    static inline boost::intrusive::list<PageCache> caches;  // protected by lock
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
    return PageReclaim::reclaim(wanted);
}

}  // namespace page_cache

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
        TRY(filled_.wait_until(Interruptible::no, look));
    if (!frame)
        return fail(Errno::again);
    return frame;
}

// Errno::again: another thread was faster.
Result<PageRef> PageCache::fill_new(u64 index)
{
    PageReclaim::clear_graveyard();
    page_cache::keep_bounds();
    std::unique_ptr<Page> page(new (std::nothrow) Page);
    if (page == nullptr)
        return fail(Errno::nomem);
    const PhysAddr address = TRY(frames::allocate(0, frames::Zeroed::no));
    PageRef frame = PageRef::adopt(address);
    page->index = index;
    page->frame = frame;
    {
        LockGuard guard(lock_);
        if (!pages_.insert(*page).second)
            return fail(Errno::again);
        clock_.push_back(*page);
    }
    PageReclaim::page_count.fetch_add(1, std::memory_order_relaxed);

    const Result<> filled = filler_.fill_page(index, frame.bytes());
    {
        LockGuard guard(lock_);
        page->filling = false;
        if (filled && !page->discarded)
            page.release();
        else
            remove(*page);
    }
    filled_.wake_all();
    if (!filled)
        return fail(filled.error());
    return frame;
}

Result<> PageCache::read(u64 offset, std::span<std::byte> out)
{
    while (!out.empty()) {
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
    {
        LockGuard guard(lock_);
        for (auto next = clock_.begin(); next != clock_.end();) {
            Page& page = *next++;
            page.discarded = true;
            if (page.filling)
                continue;
            remove(page);
            page.frame = PageRef();
            PageReclaim::bury(page);
        }
    }
    PageReclaim::clear_graveyard();
}

// Second chance: a page that was used since the last look is passed over once.
usize PageCache::reclaim(usize wanted)
{
    LockGuard guard(lock_);
    usize freed = 0;
    for (usize left = clock_.size(); left != 0 && freed < wanted; --left) {
        Page& page = clock_.front();
        const bool keep = page.filling || page.frame.is_shared() || std::exchange(page.used, false);
        if (keep) {
            clock_.splice(clock_.end(), clock_, clock_.begin());
            continue;
        }
        remove(page);
        page.frame = PageRef();
        PageReclaim::bury(page);
        ++freed;
    }
    return freed;
}

}  // namespace tenon
