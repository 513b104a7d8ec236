#include "kernel/mm/address_space.h"
#include "kernel/lib/bits.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/mm/user_layout.h"

// What fork copies, and what /proc tells about an address space.

namespace tenon {

using arch::UserAccess;

Result<Ref<AddressSpace>> AddressSpace::clone()
{
    TRY(memory_limits::require_growth());
    auto page_table = TRY(arch::UserPageTable::create());
    auto copy = adopt_ref(new (std::nothrow) AddressSpace(std::move(page_table), placement_));
    if (!copy)
        return fail(Errno::nomem);
    copy->trampoline_ = trampoline_;
    copy->strings_ = strings_;
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    {
        const BookedChange change(*copy);
        TRY(copy->regions_.copy_from(regions_));
    }
    copy->break_start_ = break_start_;
    copy->break_end_ = break_end_;
    copy->set_size_limits(size_limit_.load(std::memory_order_relaxed), data_limit_.load(std::memory_order_relaxed));
    copy->set_lock_limit(lock_limit_.load(std::memory_order_relaxed));
    copy->set_stack_limit(stack_limit_.load(std::memory_order_relaxed));
    copy->set_dumpable(is_dumpable());
    for (const MemoryRegion& region : regions_) {
        TRY(resched_point());
        // Pages that are the source's own are found there again.
        const bool found_again = region.source && !region.has_private_pages;
        if (!found_again)
            TRY(clone_pages_locked(*regions_.find(region.start), *copy));
    }
    return copy;
}

Result<> AddressSpace::clone_pages_locked(MemoryRegion& region, AddressSpace& copy)
{
    for (auto page = page_table_.next_mapped(region.start, region.end); page;
         page = page_table_.next_mapped(*page + page_size, region.end)) {
        TRY(resched_point());
        const auto mapping = *page_table_.find(*page);
        frames::acquire(mapping.frame);
        PageRef shared = PageRef::adopt(mapping.frame);
        const UserAccess access = page_access(region, mapping.frame);
        if (access != mapping.access)
            page_table_.protect(*page, access);
        TRY(copy.install_locked(region, *page, std::move(shared)));
    }
    return {};
}

AddressSpace::Usage AddressSpace::usage() const
{
    Usage usage;
    const auto guard = KillableLockGuard::take(mutex_);
    if (!guard)
        return usage;
    usage.resident_pages = resident_pages();
    for (const MemoryRegion& region : regions_) {
        static_cast<void>(resched_point());
        usage.mapped_pages += region.pages();
        if (region.grows_down == GrowsDown::yes)
            usage.stack_pages += region.pages();
        else if (allows(region.access, UserAccess::execute))
            usage.text_pages += region.pages();
        else if (region.is_private_writable())
            usage.data_pages += region.pages();
        if (region.is_locked)
            usage.locked_pages += region.pages();
        if (region.source)
            usage.shared_pages += region.pages();
    }
    return usage;
}

void AddressSpace::describe(TextSink& out) const
{
    const auto guard = KillableLockGuard::take(mutex_);
    if (!guard)
        return;
    for (const MemoryRegion& region : regions_) {
        if (!resched_point())
            return;
        const auto identity = region.source ? region.source->identity() : PageSource::Identity();
        format_to(out, "{:08x}-{:08x} {}{}{}{} {:08x} 00:{:02x} {} ", region.start, region.end,
                  allows(region.access, UserAccess::read) ? 'r' : '-', allows(region.access, UserAccess::write) ? 'w' : '-',
                  allows(region.access, UserAccess::execute) ? 'x' : '-',
                  region.sharing == Sharing::shared ? 's' : 'p', region.source ? region.source_page * page_size : 0,
                  identity.device, identity.inode);
        if (region.source)
            region.source->print_name(out);
        else if (region.grows_down == GrowsDown::yes)
            out.write("[stack]");
        else if (region.start >= break_start_ && region.end.value() <= align_up(break_end_.value(), page_size))
            out.write("[heap]");
        out.write("\n");
    }
}

}  // namespace tenon
