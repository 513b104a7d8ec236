#include "arch/arm64/sanitizer/shadow_tables.h"

#include <cstring>

#include "arch/arm64/boot/symbols.h"
#include "arch/arm64/boot/translation.h"
#include "arch/arm64/mm/boot_tables.h"
#include "arch/arm64/mm/tlb.h"
#include "kernel/lib/bits.h"
#include "kernel/lib/panic.h"
#include "kernel/mm/layout.h"
#include "kernel/runtime/sanitizer/shadow_memory.h"
#include "kernel/runtime/stack_size.h"

extern "C" {
extern const std::byte shadow_l1[];
extern const std::byte shadow_l2[];
extern tenon::u64 shadow_l3[];
extern std::byte shadow_zeros[];
}

namespace tenon::arch {
namespace {

constexpr u64 covered_by_page = page_size * 8;

static_assert(u64{SHADOW_FIRST_L0} << 39 == layout::shadow_base - layout::linear_base && u64{SHADOW_L0_COUNT} << 39 == layout::shadow_size);

struct Area {
    u64 start;
    u64 size;
};
constexpr std::array own_shadow{
    Area{layout::stacks_base, layout::stack_limit * 2 * kernel_stack_size},
    Area{layout::module_far_base, layout::module_far_size},
    Area{layout::module_base, layout::module_size},
};

u64 shadow_address(u64 address)
{
    return reinterpret_cast<u64>(shadow::shadow_of(address));
}

PhysRange covered(const PhysRange& range)
{
    return {PhysAddr(align_down(range.start.value(), covered_by_page)), PhysAddr(align_up(range.end.value(), covered_by_page))};
}

u64 image_address(const BootInfo& info, const void* symbol)
{
    return info.image.start.value() + static_cast<u64>(static_cast<const std::byte*>(symbol) - kernel_start);
}

}  // namespace

u64 shadow_size(const BootInfo& info)
{
    u64 size = 0;
    for (const auto& range : info.memory.all())
        size += covered(range).size() / 8;
    return size;
}

u64 shadow_tables_size(const BootInfo& info)
{
    u64 size = TableBuilder::pool_size(layout::kernel_size / 8);
    for (const auto& range : info.memory.all())
        size += TableBuilder::pool_size(covered(range).size() / 8);
    for (const Area& area : own_shadow)
        size += TableBuilder::pool_size(area.size / 8);
    return size;
}

void map_shadow(TableBuilder& tables, const BootInfo& info, PhysRange shadow)
{
    const u64 rights = descriptor::kernel_page(kernel_map::Access::read_write);
    std::memset(map_early(shadow.start, shadow.size(), EarlyMemory::normal), 0, shadow.size());
    u64 physical = shadow.start.value();
    for (const auto& range : info.memory.all()) {
        const auto ram = covered(range);
        tables.map(shadow_address(layout::linear(ram.start).value()), physical, ram.size() / 8, rights);
        if (ram.start <= info.image.start && info.image.start < ram.end)
            tables.map(shadow_address(layout::kernel_base), physical + (info.image.start - ram.start) / 8, covered(info.image).size() / 8, rights);
        physical += ram.size() / 8;
    }
    for (const Area& area : own_shadow)
        tables.reserve(shadow_address(area.start), area.size / 8);
    const std::array<u64, 4> shared{
        image_address(info, shadow_l1) | descriptor::table, image_address(info, shadow_l2) | descriptor::table,
        image_address(info, shadow_l3) | descriptor::table, image_address(info, shadow_zeros) | rights};
    tables.fill(SHADOW_FIRST_L0, SHADOW_L0_COUNT, shared, has_own_shadow);
}

bool has_own_shadow(u64 address)
{
    for (const Area& area : own_shadow)
        if (address >= shadow_address(area.start) && address < shadow_address(area.start + area.size))
            return true;
    return false;
}

void seal_shadow()
{
    std::memset(shadow_zeros, 0, page_size);
    for (u64& entry : std::span(shadow_l3, descriptor::entries_per_table))
        entry |= descriptor::read_only;
    tlb::invalidate_kernel(layout::shadow_base, layout::shadow_size);
}

}  // namespace tenon::arch
