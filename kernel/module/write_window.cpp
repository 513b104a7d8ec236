#include "kernel/module/write_window.h"

#include <array>
#include <atomic>
#include <bit>
#include <optional>

#include "kernel/dev/random/random.h"
#include "kernel/lib/bits.h"
#include "kernel/mm/kernel_map.h"
#include "kernel/mm/layout.h"
#include "kernel/module/range_allocator.h"
#include <tenon/memory.h>
#include <tenon/sync.h>

namespace tenon::write_window {
namespace {

struct Pages {
    KernelAddr start;
    u64 size;
};

Pages pages_of(KernelAddr start, u64 size)
{
    const u64 first = align_down(start.value(), page_size);
    return {KernelAddr(first), align_up(start.value() + size, page_size) - first};
}

// Addresses for windows of ordinary size, always ready; behind them those of the few larger ones.
constexpr u64 slot_size = 256 * 1024;
constexpr unsigned slot_count = 64;
constexpr u64 large_size = u64{4} << 30;
constexpr u64 room = slot_count * slot_size + large_size;
constexpr u64 place_alignment = u64{2} << 20;  // what one page table covers: a slot lies in one
static_assert(place_alignment % slot_size == 0);

KernelAddr slots;  // set once by initialise()
constinit std::atomic<u64> slots_in_use{0};

// A window in a slot; it belongs to the load that has opened it.
struct Window {
    u32 size;   // of the pages that are mapped
    u32 parts;  // that are not closed yet
};
constinit std::array<Window, slot_count> windows{};
Mutex large_lock;
std::optional<RangeAllocator> large;  // made once by initialise(); protected by large_lock

std::optional<unsigned> take_slot()
{
    u64 used = slots_in_use.load(std::memory_order_relaxed);
    while (used != ~u64{0}) {
        const unsigned slot = static_cast<unsigned>(std::countr_one(used));
        if (slots_in_use.compare_exchange_weak(used, used | u64{1} << slot, std::memory_order_acquire))
            return slot;
    }
    return std::nullopt;
}

std::optional<unsigned> slot_of(KernelAddr address)
{
    const u64 offset = address - slots;
    return offset < slot_count * slot_size ? std::optional(static_cast<unsigned>(offset / slot_size)) : std::nullopt;
}

Result<KernelAddr> take_addresses(u64 size)
{
    if (size <= slot_size) {
        if (const auto slot = take_slot()) {
            windows.data()[*slot] = {static_cast<u32>(size), 1};
            return slots + *slot * slot_size;
        }
    }
    const LockGuard guard(large_lock);
    return KernelAddr(TRY(large->allocate(size, page_size)).start);
}

void give_back_addresses(KernelAddr start, u64 size)
{
    if (const auto slot = slot_of(start)) {
        slots_in_use.fetch_and(~(u64{1} << *slot), std::memory_order_release);
        return;
    }
    const LockGuard guard(large_lock);
    large->free(start.value(), size);
}

}  // namespace

void initialise()
{
    u64 number = 0;
    random::fill(std::as_writable_bytes(std::span(&number, 1)));
    slots = KernelAddr(layout::window_base + number % ((layout::window_size - room) / place_alignment) * place_alignment);
    large.emplace(slots.value() + slot_count * slot_size, large_size);
}

KernelAddr start()
{
    return slots;
}

Result<std::span<std::byte>> open(KernelAddr place, u64 size)
{
    const Pages pages = pages_of(place, size);
    const KernelAddr window = TRY(take_addresses(pages.size));
    const Result<> result = kernel_map::map_alias(window, pages.start, pages.size, kernel_map::Access::read_write);
    if (!result) {
        give_back_addresses(window, pages.size);
        return fail(result.error());
    }
    return std::span((window + (place - pages.start)).pointer(), static_cast<usize>(size));
}

Result<std::span<std::byte>> extend(std::span<std::byte> bytes, KernelAddr place, u64 size)
{
    const Pages pages = pages_of(place, size);
    const auto slot = slot_of(KernelAddr::of(bytes.data()));
    if (!slot)
        return fail(Errno::nospc);
    Window& window = windows.data()[*slot];
    if (pages.size > slot_size - window.size)
        return fail(Errno::nospc);
    const KernelAddr start = slots + (*slot * slot_size + window.size);
    TRY(kernel_map::map_alias(start, pages.start, pages.size, kernel_map::Access::read_write));
    window.size += static_cast<u32>(pages.size);
    ++window.parts;
    return std::span((start + (place - pages.start)).pointer(), static_cast<usize>(size));
}

bool cut(std::span<std::byte> bytes)
{
    const auto slot = slot_of(KernelAddr::of(bytes.data()));
    if (slot)
        ++windows.data()[*slot].parts;
    return slot.has_value();
}

void close(std::span<std::byte> bytes)
{
    Pages pages = pages_of(KernelAddr::of(bytes.data()), bytes.size());
    if (const auto slot = slot_of(pages.start)) {
        Window& window = windows.data()[*slot];
        if (--window.parts != 0)
            return;
        pages = {slots + *slot * slot_size, window.size};
    }
    kernel_map::unmap(pages.start, pages.size);
    give_back_addresses(pages.start, pages.size);
}

bool is_open(KernelAddr address)
{
    const auto slot = slot_of(address);
    return slot && (slots_in_use.load(std::memory_order_relaxed) >> *slot & 1) != 0;
}

}  // namespace tenon::write_window
