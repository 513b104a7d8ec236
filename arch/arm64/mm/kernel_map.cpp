#include "kernel/mm/kernel_map.h"

#include "arch/arm64/mm/descriptor.h"
#include "arch/arm64/mm/kernel_tables.h"
#include "arch/arm64/mm/tlb.h"
#include "arch/arm64/sanitizer/shadow_tables.h"
#include "kernel/lib/bits.h"
#include "kernel/lib/panic.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/layout.h"
#include "kernel/runtime/sanitizer/shadow_memory.h"
#include "kernel/runtime/shadow.h"
#include <tenon/memory.h>
#include <tenon/sync.h>

namespace tenon {
namespace {

using namespace arch;

// Protects the kernel's tables. Tables are never freed: the ranges they cover are used again.
constinit Spinlock table_lock;
PhysAddr root;

u64* table_at(u64 physical)
{
    return layout::linear(PhysAddr(physical)).pointer<u64>();
}

// The level-3 entry for an address, or null when its table does not exist.
u64* find_entry(u64 address)
{
    u64* table = table_at(root.value());
#pragma GCC unroll 3
    for (unsigned level = 0; level < 3; ++level) {
        const u64 entry = table[descriptor::table_index(address, level)];
        if ((entry & descriptor::table) != descriptor::table)
            return nullptr;
        table = table_at(entry & descriptor::address_mask);
    }
    return &table[descriptor::table_index(address, 3)];
}

// The same for pages that are asked for in ascending order: a table is looked up once for all its entries.
class EntryCursor {
public:
    u64* find(u64 address)
    {
        constexpr u64 covered_by_table = page_size * 512;
        entry_ = entry_ != nullptr && address % covered_by_table != 0 ? entry_ + 1 : find_entry(address);
        return entry_;
    }

private:
    u64* entry_ = nullptr;
};

Result<u64*> make_entry(u64 address)
{
    u64* table = table_at(root.value());
#pragma GCC unroll 3
    for (unsigned level = 0; level < 3; ++level) {
        u64& entry = table[descriptor::table_index(address, level)];
        if (entry == 0) {
            const PhysAddr fresh = TRY(frames::allocate(0, frames::Zeroed::yes));
            asm volatile("dsb ishst" ::: "memory");  // zeroes before the table becomes reachable
            entry = fresh.value() | descriptor::table;
        }
        table = table_at(entry & descriptor::address_mask);
    }
    return &table[descriptor::table_index(address, 3)];
}

// What is mapped at [start, +size) gets its shadow, all of it accessible. Errno::nomem.
Result<> make_shadow(u64 start, u64 size)
{
    const u64 first = align_down(reinterpret_cast<u64>(shadow::shadow_of(start)), page_size);
    const u64 end = reinterpret_cast<u64>(shadow::shadow_of(start + size - 1)) + 1;
    if (!has_own_shadow(first))
        return {};
    for (u64 address = first; address < end; address += page_size) {
        u64& entry = *find_entry(address);
        if (entry != 0)
            continue;
        const PhysAddr page = TRY(frames::allocate(0, frames::Zeroed::yes));
        asm volatile("dsb ishst" ::: "memory");  // zeroes before the page becomes reachable
        entry = page.value() | descriptor::kernel_page(kernel_map::Access::read_write);
        asm volatile("dsb ishst\n\tisb" ::: "memory");
    }
    shadow::unpoison(KernelAddr(start).pointer(), size);
    return {};
}

// Clears the entries of [start, start + size) and the TLBs' copies of them.
void clear_entries(u64 start, u64 size)
{
    EntryCursor cursor;
    for (u64 address = start; address != start + size; address += page_size)
        if (u64* entry = cursor.find(address))
            *entry = 0;
    tlb::invalidate_kernel(start, size);
}

kernel_map::Access access_of(u64 entry)
{
    if ((entry & descriptor::attribute_device) != 0)
        return kernel_map::Access::device;
    if ((entry & descriptor::read_only) == 0)
        return kernel_map::Access::read_write;
    if ((entry & descriptor::privileged_execute_never) != 0)
        return kernel_map::Access::read_only;
    return (entry & descriptor::text_guard) == descriptor::text_guard ? kernel_map::Access::read_execute
                                                                      : kernel_map::Access::read_execute_unguarded;
}

// The pages below the table at `level` that covers addresses from `start` on. All mappings are pages: block entries end the walk. Those
// of shadow memory are left out: they are nobody else's, and the tables for what is not used are one and the same many times over.
void walk(const u64* table, unsigned level, u64 start, kernel_map::PageVisitor& visitor)
{
    const u64 covered = page_size << (9 * (3 - level));
    for (unsigned index = 0; index < 512; ++index) {
        const u64 entry = table[index];
        const u64 address = start + index * covered;
        if (shadow::is_kept && level == 0 && address - layout::shadow_base < layout::shadow_size)
            continue;
        if (level == 3 && entry != 0)
            visitor.visit(KernelAddr(address), {PhysAddr(entry & descriptor::address_mask), access_of(entry)});
        else if ((entry & descriptor::table) == descriptor::table && level < 3)
            walk(table_at(entry & descriptor::address_mask), level + 1, address, visitor);
    }
}

}  // namespace

namespace arch {

constinit u64 descriptor::text_guard = 0;

bool guards_branches()
{
    return descriptor::text_guard != 0;
}

void detect_branch_guard()
{
    u64 features;
    asm("mrs %0, id_aa64pfr1_el1" : "=r"(features));
    descriptor::text_guard = (features & 0xf) != 0 ? descriptor::guarded_page : 0;
}

void adopt_kernel_tables(PhysAddr tables)
{
    root = tables;
}

PhysAddr kernel_root_table()
{
    return root;
}

}  // namespace arch

namespace kernel_map {

namespace {

// Maps [virtual_address, +size) to the frames that frame_at(offset) names; all of it or nothing.
template <typename FrameAt>
Result<> map_frames(KernelAddr virtual_address, u64 size, Access access, FrameAt&& frame_at)
{
    LockGuard guard(table_lock);
    const u64 start = virtual_address.value();
    const u64 rights = descriptor::kernel_page(access);
    if constexpr (shadow::is_kept)
        TRY(make_shadow(start, size));
    EntryCursor cursor;
    for (u64 offset = 0; offset != size; offset += page_size) {
        const u64 frame = frame_at(offset);
        u64* entry = cursor.find(start + offset);
        if (entry == nullptr) {
            const auto made = make_entry(start + offset);
            if (!made) {
                clear_entries(start, offset);
                return fail(made.error());
            }
            entry = cursor.find(start + offset);
        }
        expect(*entry == 0, "kernel page mapped twice");
        *entry = frame | rights;
    }
    asm volatile("dsb ishst\n\tisb" ::: "memory");
    return {};
}

}  // namespace

Result<> map(KernelAddr virtual_address, PhysAddr physical, u64 size, Access access)
{
    return map_frames(virtual_address, size, access, [&](u64 offset) { return physical.value() + offset; });
}

Result<> map_alias(KernelAddr virtual_address, KernelAddr original, u64 size, Access access)
{
    return map_frames(virtual_address, size, access, [&, cursor = EntryCursor()](u64 offset) mutable {
        const u64* const from = cursor.find(original.value() + offset);
        expect(from != nullptr && *from != 0, "alias of an unmapped kernel page");
        return *from & descriptor::address_mask;
    });
}

void unmap(KernelAddr virtual_address, u64 size)
{
    LockGuard guard(table_lock);
    clear_entries(virtual_address.value(), size);
}

// Only permissions change, which needs no break-before-make (Arm ARM D8.16.1), unless device memory is involved.
void protect(KernelAddr virtual_address, u64 size, Access access)
{
    LockGuard guard(table_lock);
    const u64 start = virtual_address.value();
    const u64 rights = descriptor::kernel_page(access);
    EntryCursor cursor;
    for (u64 address = start; address != start + size; address += page_size) {
        u64* entry = cursor.find(address);
        expect(entry != nullptr && *entry != 0, "rights of an unmapped kernel page changed");
        *entry = (*entry & descriptor::address_mask) | rights;
    }
    tlb::invalidate_kernel(start, size);
}

void for_each_page(PageVisitor& visitor)
{
    LockGuard guard(table_lock);
    walk(table_at(root.value()), 0, layout::linear_base, visitor);
}

Result<Translation> translate(KernelAddr virtual_address)
{
    if (virtual_address.value() < layout::linear_base)
        return fail(Errno::fault);
    LockGuard guard(table_lock);
    const u64* entry = find_entry(virtual_address.value());
    if (entry == nullptr || *entry == 0)
        return fail(Errno::fault);
    const u64 offset = virtual_address.value() & (page_size - 1);
    return Translation{PhysAddr((*entry & descriptor::address_mask) + offset), access_of(*entry)};
}

}  // namespace kernel_map
}  // namespace tenon
