#include <utility>

#include "arch/arm64/boot/symbols.h"
#include "arch/arm64/mm/asid.h"
#include "arch/arm64/mm/descriptor.h"
#include "arch/arm64/mm/tlb.h"
#include "arch/arm64/smp/cpu.h"
#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/ledger.h"
#include <tenon/memory.h>

namespace tenon::arch {
namespace {

constexpr unsigned last_level = 3;

u64* table_at(u64 entry)
{
    return layout::linear(PhysAddr(entry & descriptor::address_mask)).pointer<u64>();
}

bool is_table(u64 entry)
{
    return (entry & descriptor::table) == descriptor::table;
}

// The entry for a page, or null when its table does not exist.
u64* find_entry(PhysAddr root, UserAddr page)
{
    u64* table = table_at(root.value());
    for (unsigned level = 0; level < last_level; ++level) {
        const u64 entry = table[descriptor::table_index(page.value(), level)];
        if (!is_table(entry))
            return nullptr;
        table = table_at(entry);
    }
    return &table[descriptor::table_index(page.value(), last_level)];
}

Result<u64*> make_entry(PhysAddr root, UserAddr page)
{
    u64* table = table_at(root.value());
    for (unsigned level = 0; level < last_level; ++level) {
        u64& entry = table[descriptor::table_index(page.value(), level)];
        if (entry == 0) {
            const PhysAddr fresh = TRY(ledger::allocate_table());
            asm volatile("dsb ishst" ::: "memory");  // zeroes before the table becomes reachable
            entry = fresh.value() | descriptor::table;
        }
        table = table_at(entry);
    }
    return &table[descriptor::table_index(page.value(), last_level)];
}

// A page that may not be accessed at all stays mapped for find(), but not valid.
constexpr u64 inaccessible = u64{1} << 55;  // a bit that the hardware leaves to software

u64 page_attributes(UserAccess access)
{
    u64 value = descriptor::accessed | descriptor::inner_shareable | descriptor::not_global | descriptor::user |
                descriptor::attribute_normal | descriptor::privileged_execute_never;
    value |= access == UserAccess::none ? inaccessible : descriptor::page;
    if (!allows(access, UserAccess::write))
        value |= descriptor::read_only;
    if (!allows(access, UserAccess::execute))
        value |= descriptor::user_execute_never;
    return value;
}

UserAccess access_of(u64 entry)
{
    if ((entry & inaccessible) != 0)
        return UserAccess::none;
    UserAccess access = UserAccess::read;
    if ((entry & descriptor::read_only) == 0)
        access = access | UserAccess::write;
    if ((entry & descriptor::user_execute_never) == 0)
        access = access | UserAccess::execute;
    return access;
}

// Frees the tables below `table`, which is one of `level`, and itself.
void free_tables(u64 table, unsigned level)
{
    if (level < last_level) {
        const u64* entries = table_at(table);
        for (unsigned i = 0; i < descriptor::entries_per_table; ++i)
            if (is_table(entries[i]))
                free_tables(entries[i], level + 1);
    }
    frames::free(PhysAddr(table & descriptor::address_mask), 0);
}

void set_user_table(u64 value)
{
    Cpu& cpu = this_cpu();
    if (cpu.user_table == value)
        return;
    cpu.user_table = value;
    asm volatile("msr ttbr0_el1, %0\n\tisb" ::"r"(value) : "memory");
}

u64 empty_table_physical()
{
    return boot_info().image.start.value() + static_cast<u64>(empty_table - kernel_start);
}

}  // namespace

Result<UserPageTable> UserPageTable::create()
{
    return UserPageTable(TRY(ledger::allocate_table()));
}

UserPageTable::UserPageTable(UserPageTable&& other) noexcept : root_(std::exchange(other.root_, PhysAddr()))
{
    context_ = other.context_.exchange(0);
    cpus_ = other.cpus_.exchange(0);
}

UserPageTable& UserPageTable::operator=(UserPageTable&& other) noexcept
{
    std::swap(root_, other.root_);
    context_ = other.context_.exchange(context_);
    cpus_ = other.cpus_.exchange(cpus_);
    return *this;
}

// No TLB maintenance: the identifier is not used again before every TLB was dropped.
UserPageTable::~UserPageTable()
{
    if (root_.value() != 0)
        free_tables(root_.value(), 0);
}

void UserPageTable::invalidate(UserAddr page) const
{
    asm volatile("dsb ishst" ::: "memory");  // the changed entry before the look at who may have the old one
    const u32 users = cpus_.load(std::memory_order_relaxed);
    const u16 identifier = asid::identifier(context_.load(std::memory_order_relaxed));
    if (users == 0)
        return;
    const u64 interrupts = disable_interrupts();
    if (users == u32{1} << cpu_index())
        tlb::invalidate_user_page_here(page.value(), identifier);
    else
        tlb::invalidate_user_page(page.value(), identifier);
    restore_interrupts(interrupts);
}

// A frame is replaced by invalidating the old entry first (break-before-make, Arm ARM D8.16.1).
Result<> UserPageTable::map(UserAddr page, PhysAddr frame, UserAccess access)
{
    u64* entry = TRY(make_entry(root_, page));
    if (*entry != 0) {
        *entry = 0;
        invalidate(page);
    }
    if (allows(access, UserAccess::execute))
        clean_code(layout::linear(frame), page_size);
    *entry = frame.value() | page_attributes(access);
    asm volatile("dsb ishst\n\tisb" ::: "memory");
    return {};
}

void UserPageTable::unmap(UserAddr page)
{
    u64* entry = find_entry(root_, page);
    if (entry == nullptr || *entry == 0)
        return;
    *entry = 0;
    invalidate(page);
}

void UserPageTable::protect(UserAddr page, UserAccess access)
{
    u64* entry = find_entry(root_, page);
    if (entry == nullptr || *entry == 0)
        return;
    const u64 frame = *entry & descriptor::address_mask;
    if (allows(access, UserAccess::execute) && !allows(access_of(*entry), UserAccess::execute))
        clean_code(layout::linear(PhysAddr(frame)), page_size);
    *entry = frame | page_attributes(access);
    invalidate(page);
}

std::optional<UserPageTable::Mapping> UserPageTable::find(UserAddr page) const
{
    const u64* entry = find_entry(root_, page);
    if (entry == nullptr || *entry == 0)
        return std::nullopt;
    return Mapping{PhysAddr(*entry & descriptor::address_mask), access_of(*entry)};
}

// Goes along the entries of one table as long as it lasts: most of what lies between two mapped pages is empty.
std::optional<UserAddr> UserPageTable::next_mapped(UserAddr from, UserAddr end) const
{
    u64 address = from.value();
    while (address < end.value()) {
        const u64* table = table_at(root_.value());
        unsigned level = 0;
        usize index = descriptor::table_index(address, level);
        while (level < last_level && table[index] != 0) {
            table = table_at(table[index]);
            index = descriptor::table_index(address, ++level);
        }
        const u64 covered = u64{1} << (39 - 9 * level);  // by one entry
        for (; index < descriptor::entries_per_table && table[index] == 0; ++index)
            address = (address & ~(covered - 1)) + covered;
        if (index < descriptor::entries_per_table && level == last_level)
            return address < end.value() ? std::optional(UserAddr(address)) : std::nullopt;
    }
    return std::nullopt;
}

void UserPageTable::activate() const
{
    const u64 interrupts = disable_interrupts();
    const u32 self = u32{1} << cpu_index();
    if ((cpus_.load(std::memory_order_relaxed) & self) == 0) {
        // Before this CPU walks the table: who changes an entry afterwards (invalidate) sees that it must be told.
        cpus_.fetch_or(self, std::memory_order_relaxed);
        asm volatile("dsb ish" ::: "memory");
    }
    const u16 identifier = asid::activate(context_);
    set_user_table(root_.value() | (u64{identifier} << 48));
    restore_interrupts(interrupts);
}

void UserPageTable::activate_none()
{
    const u64 interrupts = disable_interrupts();
    set_user_table(empty_table_physical());
    restore_interrupts(interrupts);
}

}  // namespace tenon::arch
