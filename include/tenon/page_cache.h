#pragma once

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include <tenon/api.h>
#include <tenon/page.h>
#include <tenon/sync.h>

// The page cache: pages of one object (a file, a disk) that are read on demand and dropped again when memory is short.

namespace tenon {

// Where a cache gets a page that it does not hold.
class TENON_API PageFiller {
public:
    // How many pages the object has; the cache reads ahead up to there.
    virtual u64 page_count() const = 0;
    // Writes every byte of `page`, zeros behind the end of the object. May block; no lock of the cache is held.
    virtual Result<> fill_page(u64 index, std::span<std::byte> page) = 0;
    // The same for pages [first, +pages.size()), for who can do it faster than one by one.
    virtual Result<> fill_pages(u64 first, std::span<const std::span<std::byte>> pages);

protected:
    ~PageFiller() = default;
};

// Holds only clean pages: who changes one writes it to the medium itself. A page that somebody else holds a reference to
// is never dropped. All functions but the destructor may be called by several threads at once.
class TENON_API PageCache : public boost::intrusive::list_base_hook<>, NoCopy {
public:
    // The filler outlives the cache.
    explicit PageCache(PageFiller& filler);
    ~PageCache();

    // Reads the page when it is absent, and some behind it when the one before it is there. Several callers that want the same
    // absent page cause one read; an error is returned to them all and is not remembered.
    Result<PageRef> page(u64 index);
    // Copies bytes of the object out of its pages; the caller has checked the range.
    Result<> read(u64 offset, std::span<std::byte> out);

    // Forgets the page, or all of them; holders of references keep what they have.
    void discard(u64 index);
    void discard_all();

private:
    friend class PageReclaim;

    struct Page : boost::intrusive::set_base_hook<>, boost::intrusive::list_base_hook<> {
        u64 index = 0;
        PageRef frame;
        bool filling = true;      // the content is not there yet
        bool discarded = false;   // forget it when it has been filled
        bool used = false;        // since the last look of the reclaimer
    };
    struct IndexOf {
        using type = u64;
        u64 operator()(const Page& page) const { return page.index; }
    };

    struct Batch;

    Result<PageRef> find_or_wait(u64 index);
    Result<PageRef> fill_new(u64 index);
    Result<PageRef> fill_batch(u64 first, usize wanted);
    usize choose_window(u64 index);
    void insert(Batch& batch);
    void finish(Batch& batch, bool filled);
    void remove(Page& page);
    struct Scan {
        usize freed = 0;
        u64 looked_at = 0;
    };
    Scan reclaim(usize wanted, u64 looked_at);
    u64 page_count() const;

    PageFiller& filler_;
    mutable Spinlock lock_;  // protects pages_ and clock_ and what they link; no allocation while it is held
    boost::intrusive::set<Page, boost::intrusive::key_of_value<IndexOf>, boost::intrusive::constant_time_size<false>> pages_;
    boost::intrusive::list<Page> clock_;  // the reclaimer's order
    WaitQueue filled_;
};

}  // namespace tenon
