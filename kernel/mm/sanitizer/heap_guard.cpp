#include "kernel/mm/sanitizer/heap_guard.h"

#include <array>
#include <atomic>
#include <bit>
#include <cstring>

#include "kernel/lib/bits.h"
#include "kernel/runtime/sanitizer/report.h"
#include <tenon/memory.h>
#include <tenon/sync.h>

namespace tenon::heap::guard {
namespace {

constexpr u32 live = 0x6c69'7665;
constexpr u32 gone = 0x676f'6e65;

// The last bytes of each slot; never accessible to instrumented code.
struct Trailer {
    usize size;
    u32 state;
    shadow::TraceId allocated;
    shadow::TraceId freed;
    u32 unused;
};
static_assert(sizeof(Trailer) == 24);

// Freed objects in the order in which they were freed.
struct Quarantine {
    Spinlock lock;
    std::array<void*, 4096> slots{};  // protected by lock, as all below
    usize first = 0;
    usize count = 0;
    usize bytes = 0;
};

constinit Quarantine quarantine;
constinit std::atomic<u64> objects{0};

// Sizes of a power of two are naturally aligned: so is a slot of a larger power of two.
usize slot_size_for(usize size)
{
    const usize needed = align_up(size, 8) + sizeof(Trailer);
    return std::has_single_bit(size) && size < page_size ? std::bit_ceil(needed) : needed;
}

Trailer& trailer_of(void* slot)
{
    return *reinterpret_cast<Trailer*>(static_cast<std::byte*>(slot) + slot_size(slot) - sizeof(Trailer));
}

// Puts the slot in; gives one that has waited long enough, or null.
void* exchange(void* slot)
{
    const usize size = slot_size(slot);
    if (size > quarantine_limit / 4)
        return slot;
    LockGuard guard(quarantine.lock);
    void* oldest = nullptr;
    if (quarantine.count == quarantine.slots.size() || quarantine.bytes + size > quarantine_limit) {
        oldest = quarantine.slots[quarantine.first];
        quarantine.first = (quarantine.first + 1) % quarantine.slots.size();
        --quarantine.count;
        quarantine.bytes -= slot_size(oldest);
    }
    quarantine.slots[(quarantine.first + quarantine.count) % quarantine.slots.size()] = slot;
    ++quarantine.count;
    quarantine.bytes += size;
    return oldest;
}

}  // namespace

void* allocate(usize size)
{
    void* const slot = allocate_slot(slot_size_for(size));
    if (slot == nullptr)
        return nullptr;
    shadow::poison(slot, slot_size(slot), shadow::Mark::heap_redzone);
    shadow::unpoison(slot, size);
    const shadow::TraceId trace = shadow::remember_trace(__builtin_frame_address(0));
    shadow::count_allocation(trace, size);
    objects.fetch_add(1, std::memory_order_relaxed);
    trailer_of(slot) = {.size = size, .state = live, .allocated = trace, .freed = shadow::no_trace, .unused = 0};
    return slot;
}

void release(void* pointer)
{
    const u64 caller = reinterpret_cast<u64>(__builtin_return_address(0));
    if (slot_around(reinterpret_cast<u64>(pointer)) != pointer)
        return shadow::report_free(pointer, "invalid free", caller);
    Trailer& trailer = trailer_of(pointer);
    if (std::atomic_ref(trailer.state).exchange(gone, std::memory_order_relaxed) != live)
        return shadow::report_free(pointer, "double free", caller);
    shadow::count_release(trailer.allocated, trailer.size);
    objects.fetch_sub(1, std::memory_order_relaxed);
    trailer.freed = shadow::remember_trace(__builtin_frame_address(0));
    std::memset(pointer, 0x6b, trailer.size);  // so that nobody finds what he left there
    shadow::poison(pointer, slot_size(pointer), shadow::Mark::heap_freed);
    if (void* const oldest = exchange(pointer))
        release_slot(oldest);
}

usize usable_size(const void* pointer)
{
    return trailer_of(const_cast<void*>(pointer)).size;
}

u64 live_objects()
{
    return objects.load(std::memory_order_relaxed);
}

std::optional<Object> find(u64 address)
{
    void* const slot = slot_around(address);
    if (slot == nullptr)
        return std::nullopt;
    const Trailer& trailer = trailer_of(slot);
    if (trailer.state != live && trailer.state != gone)
        return std::nullopt;
    return Object{reinterpret_cast<u64>(slot), trailer.size, trailer.state == gone, trailer.allocated, trailer.freed};
}

}  // namespace tenon::heap::guard
