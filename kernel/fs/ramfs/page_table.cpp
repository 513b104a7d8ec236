#include "kernel/fs/ramfs/page_table.h"

#include <cstring>

#include "kernel/mm/frames.h"
#include "kernel/mm/memory_limits.h"

namespace tenon::ramfs {

Result<> PageBudget::require_room() const
{
    const bool share_left = ledger::current().used(ledger::Kind::file_pages) < memory_limits::max_file_bytes();
    return share_left && memory_limits::require_growth() ? Result<>() : fail(Errno::nospc);
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

Result<PageRef> PageTable::get(u64 index, Fill fill)
{
    if (PageRef* const found = find(index))
        return *found;
    if (index >= max_pages)
        return fail(Errno::fbig);
    TRY(budget_.take_page());
    const auto place = index_.place(index);
    const auto frame = frames::allocate(0, fill == Fill::zero ? frames::Zeroed::yes : frames::Zeroed::no);
    if (frame)
        ledger::book_frame(*frame, ledger::Kind::file_pages);
    PageRef page = frame ? PageRef::adopt(*frame) : PageRef();
    if (!place || !page) {
        budget_.give_back(1);
        return fail(Errno::nospc);
    }
    count_.fetch_add(1, std::memory_order_relaxed);
    **place = page;
    return page;
}

void PageTable::cut(u64 first)
{
    const u64 dropped = index_.cut(first);
    count_.fetch_sub(dropped, std::memory_order_relaxed);
    budget_.give_back(dropped);
}

void PageTable::punch(u64 first, u64 end)
{
    u64 dropped = 0;
    for (u64 index = index_.next(first); index < end; index = index_.next(index + 1)) {
        PageRef* const page = find(index);
        if (page->is_shared()) {
            std::memset(page->bytes().data(), 0, page_size);
            continue;
        }
        *page = PageRef();
        ++dropped;
    }
    count_.fetch_sub(dropped, std::memory_order_relaxed);
    budget_.give_back(dropped);
}

}  // namespace tenon::ramfs
