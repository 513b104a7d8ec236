#include "arch/arm64/mm/boot_tables.h"

#include "arch/arm64/boot/layout.h"
#include "arch/arm64/boot/symbols.h"
#include "arch/arm64/mm/descriptor.h"
#include "arch/arm64/mm/kernel_tables.h"
#include "arch/arm64/mm/table_builder.h"
#include "arch/arm64/sanitizer/shadow_tables.h"
#include "kernel/lib/bits.h"
#include "kernel/lib/panic.h"
#include "kernel/mm/layout.h"
#include "kernel/runtime/shadow.h"
#include <tenon/memory.h>

extern "C" void switch_kernel_tables(tenon::u64 root);

namespace tenon::arch {
namespace {

constexpr unsigned slot_count = descriptor::entries_per_table;

unsigned next_slot = EARLY_WINDOW_FIRST_SLOT;

// A free run of `size` bytes.
PhysAddr find_free(const BootInfo& info, u64 size)
{
    RangeList free = info.memory;
    for (const auto& range : info.reserved.all())
        free.subtract(range);
    for (const auto& range : free.all()) {
        const u64 start = align_up(range.start.value(), page_size);
        if (start < range.end.value() && range.end.value() - start >= size)
            return PhysAddr(start);
    }
    panic("no free memory for the kernel's page tables");
}

PhysAddr image_address(const BootInfo& info, const std::byte* symbol)
{
    return info.image.start + static_cast<u64>(symbol - kernel_start);
}

// The pages of text and rodata are read-only in the linear map too.
void map_linear(TableBuilder& tables, const BootInfo& info)
{
    const PhysRange constant{image_address(info, text_start), image_address(info, rodata_end)};
    RangeList writable = info.memory;
    writable.subtract(constant);
    const auto map = [&](const PhysRange& range, kernel_map::Access access) {
        const u64 start = align_up(range.start.value(), page_size);
        const u64 end = align_down(range.end.value(), page_size);
        if (start < end)
            tables.map(layout::linear_base + start, start, end - start, descriptor::kernel_page(access));
    };
    for (const auto& range : writable.all())
        map(range, kernel_map::Access::read_write);
    map(constant, kernel_map::Access::read_only);
}

void map_image(TableBuilder& tables, const BootInfo& info)
{
    const auto map = [&](const std::byte* start, const std::byte* end, kernel_map::Access access) {
        tables.map(KernelAddr::of(start).value(), image_address(info, start).value(), static_cast<u64>(end - start),
                   descriptor::kernel_page(access));
    };
    map(text_start, guarded_text_start, kernel_map::Access::read_execute_unguarded);
    map(guarded_text_start, text_end, kernel_map::Access::read_execute);
    map(rodata_start, rodata_end, kernel_map::Access::read_only);
    map(data_start, boot_stack_guard, kernel_map::Access::read_write);
    map(boot_stack_guard + STACK_SIZE, kernel_end, kernel_map::Access::read_write);
}

}  // namespace

void* map_early(PhysAddr physical, u64 size, EarlyMemory kind)
{
    const u64 start = align_down(physical.value(), slot_size);
    const u64 slots = (align_up(physical.value() + size, slot_size) - start) / slot_size;
    expect(slots <= slot_count - next_slot, "the early window is full");
    const u64 attributes = descriptor::block | descriptor::accessed | descriptor::inner_shareable |
                           descriptor::user_execute_never | descriptor::privileged_execute_never |
                           (kind == EarlyMemory::device ? descriptor::attribute_device : descriptor::attribute_normal);
    const u64 address = layout::kernel_base + next_slot * slot_size;
    for (u64 i = 0; i < slots; ++i)
        early_kernel_l2[next_slot++] = (start + i * slot_size) | attributes;
    asm volatile("dsb ishst\n\tisb" ::: "memory");
    return reinterpret_cast<void*>(address + (physical.value() - start));
}

void build_kernel_tables(BootInfo& info)
{
    u64 pool_size = TableBuilder::pool_size(layout::kernel_size);
    for (const auto& range : info.memory.all())
        pool_size += TableBuilder::pool_size(range.size());
    PhysRange shadow{};
    if constexpr (shadow::is_kept) {
        const u64 size = shadow_size(info);
        shadow.start = find_free(info, size);
        shadow.end = shadow.start + size;
        info.reserved.add(shadow);
        pool_size += shadow_tables_size(info);
    }
    const PhysAddr pool = find_free(info, pool_size);
    detect_branch_guard();
    TableBuilder tables(pool, static_cast<std::byte*>(map_early(pool, pool_size, EarlyMemory::normal)));
    map_linear(tables, info);
    map_image(tables, info);
    if constexpr (shadow::is_kept)
        map_shadow(tables, info, shadow);
    info.reserved.add(tables.used());

    asm volatile("dsb ishst" ::: "memory");
    const u64 code = image_address(info, reinterpret_cast<const std::byte*>(&switch_kernel_tables)).value();
    reinterpret_cast<void (*)(u64)>(code)(tables.root().value());
    adopt_kernel_tables(tables.root());
}

}  // namespace tenon::arch
