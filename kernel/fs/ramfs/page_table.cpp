#include "kernel/fs/ramfs/page_table.h"

#include <algorithm>
#include <bit>
#include <new>

#include "kernel/mm/frames.h"
#include "kernel/mm/memory_limits.h"
#include <tenon/sync.h>

namespace tenon::ramfs {

Result<> PageBudget::require_room() const
{
    return memory_limits::require_growth() ? Result<>() : fail(Errno::nospc);
}

Result<> PageBudget::take_page()
{
    TRY(require_room());
    used_.fetch_add(1, std::memory_order_relaxed);
    return {};
}

PageTable::~PageTable()
{
    cut(0);
}

PageRef* PageTable::find(u64 index)
{
    const u64 chunk = index / chunk_size;
    if (chunk >= chunk_count_ || !chunks_[chunk])
        return nullptr;
    PageRef& page = (*chunks_[chunk])[index % chunk_size];
    return page ? &page : nullptr;
}

Result<> PageTable::grow(usize chunks)
{
    const usize wanted = std::bit_ceil(chunks);
    std::unique_ptr<std::unique_ptr<Chunk>[]> larger(new (std::nothrow) std::unique_ptr<Chunk>[wanted]);
    if (!larger)
        return fail(Errno::nomem);
    std::move(chunks_.get(), chunks_.get() + chunk_count_, larger.get());
    chunks_ = std::move(larger);
    chunk_count_ = wanted;
    return {};
}

Result<PageRef> PageTable::get(u64 index, Fill fill)
{
    if (PageRef* const found = find(index))
        return *found;
    if (index >= max_pages)
        return fail(Errno::fbig);
    const usize chunk = index / chunk_size;
    if (chunk >= chunk_count_)
        TRY(grow(chunk + 1));
    if (!chunks_[chunk])
        chunks_[chunk].reset(new (std::nothrow) Chunk{});
    if (!chunks_[chunk])
        return fail(Errno::nomem);
    TRY(budget_.take_page());
    auto frame = frames::allocate(0, fill == Fill::zero ? frames::Zeroed::yes : frames::Zeroed::no);
    if (!frame) {
        budget_.give_back(1);
        return fail(Errno::nospc);
    }
    ++count_;
    PageRef& page = (*chunks_[chunk])[index % chunk_size];
    page = PageRef::adopt(*frame);
    return page;
}

void PageTable::cut(u64 first)
{
    u64 dropped = 0;
    for (usize chunk = first / chunk_size; chunk < chunk_count_; ++chunk) {
        if (!chunks_[chunk])
            continue;
        static_cast<void>(resched_point());  // what is cut off goes as a whole
        const usize start = chunk == first / chunk_size ? first % chunk_size : 0;
        for (usize i = start; i < chunk_size; ++i) {
            PageRef& page = (*chunks_[chunk])[i];
            dropped += page ? 1 : 0;
            page = PageRef();
        }
        if (start == 0)
            chunks_[chunk].reset();
    }
    count_ -= dropped;
    budget_.give_back(dropped);
}

}  // namespace tenon::ramfs
