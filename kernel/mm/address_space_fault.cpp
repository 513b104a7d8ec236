#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "kernel/lib/bits.h"
#include "kernel/mm/address_space.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/ledger.h"
#include "kernel/mm/user_layout.h"

// Page faults of an address space, and access to its pages from outside.

namespace tenon {

using arch::UserAccess;

namespace {

// A fault on a file maps the neighbours in this window too: a program start touches most of them.
constexpr u64 fault_window = 16;

std::byte* linear_bytes(PhysAddr frame)
{
    return layout::linear(frame).pointer();
}

constexpr UserAccess without_write(UserAccess access)
{
    return static_cast<UserAccess>(static_cast<u8>(access) & ~static_cast<u8>(UserAccess::write));
}

}  // namespace

Result<> AddressSpace::handle_fault(UserAddr address, UserAccess access)
{
    const UserAddr page(align_down(address.value(), page_size));
    Ref<PageSource> source;
    u64 index = 0;
    u64 ahead = 1;
    {
        const auto guard = TRY(KillableLockGuard::take(mutex_));
        MemoryRegion* region = TRY(region_for_locked(page, access));
        if (!region->source || page_table_.find(page))
            return make_accessible_locked(*region, page, access);
        source = region->source;
        index = region->source_index(page);
        const bool one_page = access == UserAccess::write;
        ahead = one_page ? 1 : std::min(fault_window, (region->end - page) / page_size);
    }
    return map_source_pages(page, std::move(source), index, ahead, access);
}

Result<MemoryRegion*> AddressSpace::region_for_locked(UserAddr page, UserAccess access)
{
    MemoryRegion* region = regions_.first_ending_above(page);
    if (region == nullptr)
        return fail(Errno::fault);
    if (region->start > page)
        TRY(grow_stack_locked(*region, page));
    if (!allows(region->access, access))
        return fail(Errno::acces);
    return region;
}

Result<> AddressSpace::grow_stack_locked(MemoryRegion& region, UserAddr page)
{
    const u64 limit = std::min(stack_limit_.load(std::memory_order_relaxed), user_layout::stack_limit);
    const bool too_low = page < user_layout::lowest + user_layout::stack_guard;
    if (region.grows_down == GrowsDown::no || region.end - page > limit || too_low)
        return fail(Errno::fault);
    if (!regions_.is_free(page - user_layout::stack_guard, region.start) || !require_room_locked(region.start - page, false))
        return fail(Errno::fault);
    regions_.grow_down(region, page);
    return {};
}

// The source is asked without the lock, since it may wait for a disk; afterwards only what still fits is mapped.
Result<> AddressSpace::map_source_pages(UserAddr page, Ref<PageSource> source, u64 index, u64 ahead, UserAccess access)
{
    std::array<PageRef, fault_window> frames;
    frames[0] = TRY(source->page(index));
    u64 count = 1;
    for (; count < ahead; ++count) {
        auto next = source->page(index + count);
        if (!next)
            break;
        frames[count] = std::move(*next);
    }
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    MemoryRegion* region = regions_.find(page);
    const bool unchanged = region != nullptr && region->source == source && region->source_index(page) == index &&
                           allows(region->access, access);
    if (!unchanged)
        return {};  // another thread remapped it: the instruction runs again and sees the new state
    if (!page_table_.find(page))
        TRY(install_from_source_locked(*region, page, std::move(frames[0]), access));
    for (u64 i = 1; i < count; ++i) {
        const UserAddr next = page + i * page_size;
        if (next >= region->end || page_table_.find(next))
            continue;
        if (!install_locked(*region, next, std::move(frames[i])))
            break;
    }
    return {};
}

Result<> AddressSpace::install_from_source_locked(MemoryRegion& region, UserAddr page, PageRef frame, UserAccess access)
{
    if (region.sharing == Sharing::shared || access != UserAccess::write)
        return install_locked(region, page, std::move(frame));
    PageRef copy = TRY(ledger::allocate_page(ledger::Kind::anonymous, frames::Zeroed::no));
    std::memcpy(copy.bytes().data(), frame.bytes().data(), page_size);
    region.has_private_pages = true;
    return install_locked(region, page, std::move(copy));
}

Result<> AddressSpace::install_locked(const MemoryRegion& region, UserAddr page, PageRef frame)
{
    TRY(page_table_.map(page, frame.physical(), page_access(region, frame.physical())));
    frame.leak();
    resident_pages_.fetch_add(1, std::memory_order_relaxed);
    return {};
}

// A private page that others hold too must not be written in place.
UserAccess AddressSpace::page_access(const MemoryRegion& region, PhysAddr frame) const
{
    if (region.sharing == Sharing::copy_on_write && frames::reference_count(frame) > 1)
        return without_write(region.access);
    return region.access;
}

Result<> AddressSpace::make_accessible_locked(MemoryRegion& region, UserAddr page, UserAccess access)
{
    const auto mapping = page_table_.find(page);
    if (!mapping) {
        PageRef fresh = TRY(ledger::allocate_page(ledger::Kind::anonymous, frames::Zeroed::yes));
        return install_locked(region, page, std::move(fresh));
    }
    if (allows(mapping->access, access))
        return {};  // made present meanwhile
    const UserAccess possible = page_access(region, mapping->frame);
    if (!allows(possible, access))
        return replace_with_copy_locked(region, page, mapping->frame);
    page_table_.protect(page, possible);
    return {};
}

Result<> AddressSpace::replace_with_copy_locked(MemoryRegion& region, UserAddr page, PhysAddr original)
{
    PageRef copy = TRY(ledger::allocate_page(ledger::Kind::anonymous, frames::Zeroed::no));
    std::memcpy(copy.bytes().data(), linear_bytes(original), page_size);
    TRY(page_table_.map(page, copy.physical(), region.access));
    copy.leak();
    region.has_private_pages = true;
    frames::release(original);
    return {};
}

Result<> AddressSpace::adopt_page(UserAddr page, PageRef frame)
{
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    MemoryRegion* region = TRY(region_for_locked(page, UserAccess::read));
    return install_locked(*region, page, std::move(frame));
}

// Calls use(bytes of the page, offset in the range) for each page, present and with the lock held.
template <typename Use>
Result<> AddressSpace::for_each_page(UserAddr start, u64 size, UserAccess access, Use&& use)
{
    for (u64 done = 0; done < size;) {
        TRY(resched_point());
        const UserAddr address = start + done;
        const UserAddr page(align_down(address.value(), page_size));
        const u64 offset = address - page;
        const u64 count = std::min(size - done, page_size - offset);
        TRY(handle_fault(address, access));
        const auto guard = TRY(KillableLockGuard::take(mutex_));
        const auto mapping = page_table_.find(page);
        if (!mapping || !allows(mapping->access, access))
            continue;  // taken away in between
        use(std::span(linear_bytes(mapping->frame) + offset, count), done);
        done += count;
    }
    return {};
}

Result<> AddressSpace::write_bytes(UserAddr destination, std::span<const std::byte> data)
{
    return for_each_page(destination, data.size(), UserAccess::write, [&](std::span<std::byte> bytes, u64 offset) {
        std::memcpy(bytes.data(), data.data() + offset, bytes.size());
    });
}

Result<> AddressSpace::clear(UserAddr destination, u64 size)
{
    return for_each_page(destination, size, UserAccess::write,
                         [](std::span<std::byte> bytes, u64) { std::memset(bytes.data(), 0, bytes.size()); });
}

Result<> AddressSpace::read_bytes(std::span<std::byte> out, UserAddr source)
{
    return for_each_page(source, out.size(), UserAccess::read, [&](std::span<std::byte> bytes, u64 offset) {
        std::memcpy(out.data() + offset, bytes.data(), bytes.size());
    });
}

Result<AddressSpace::SharedPlace> AddressSpace::shared_place(UserAddr address)
{
    const UserAddr page(align_down(address.value(), page_size));
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    const MemoryRegion* region = regions_.find(page);
    if (region == nullptr || !allows(region->access, UserAccess::read))
        return fail(Errno::fault);
    if (region->sharing == Sharing::copy_on_write || !region->source)
        return SharedPlace();
    return SharedPlace{.source = region->source, .page = region->source_index(page)};
}

u32* AddressSpace::writable_word_locked(UserAddr address)
{
    const UserAddr page(align_down(address.value(), page_size));
    const auto mapping = page_table_.find(page);
    if (!mapping || !allows(mapping->access, UserAccess::write))
        return nullptr;
    return (layout::linear(mapping->frame) + (address - page)).pointer<u32>();
}

}  // namespace tenon
