#pragma once

#include <atomic>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include "kernel/mm/page_index.h"
#include <tenon/page.h>

namespace tenon::ramfs {

// Counts the pages of one file system, and refuses new ones while memory is scarce or the user's files have their share of it, so
// that files cannot starve the rest.
class PageBudget {
public:
    // Errno::nospc.
    Result<> require_room() const;
    Result<> take_page();
    void give_back(u64 pages) { used_.fetch_sub(pages, std::memory_order_relaxed); }
    u64 used() const { return used_.load(std::memory_order_relaxed); }

private:
    std::atomic<u64> used_{0};
};

// The pages of a file by index; what was never written is a hole. Not synchronised, but for count().
class PageTable : NoCopy {
public:
    static constexpr u64 max_pages = u64{1} << 26;  // 256 GiB

    explicit PageTable(PageBudget& budget) : budget_(budget) {}
    ~PageTable();

    PageRef* find(u64 index) const { return index_.find(index); }  // null: a hole
    // The page, made when it is a hole. A page that will be overwritten whole need not be cleared.
    enum class Fill : bool { zero, nothing };
    Result<PageRef> get(u64 index, Fill fill);
    // Drops the pages from `first` on.
    void cut(u64 first);
    // The pages from `first` to before `end` read as zeros afterwards. Those that are mapped somewhere stay, cleared.
    void punch(u64 first, u64 end);
    u64 count() const { return count_.load(std::memory_order_relaxed); }

private:
    PageBudget& budget_;
    PageIndex index_{ledger::Kind::file_pages};
    std::atomic<u64> count_{0};
};

}  // namespace tenon::ramfs
