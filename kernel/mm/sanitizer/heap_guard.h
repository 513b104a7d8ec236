#pragma once

#include <optional>

#include "kernel/runtime/sanitizer/trace.h"

// The debug kernel's heap: behind each object stands memory that may not be used, and what was freed stays unused for a while. Stands
// between the names of kernel/mm/heap.h and the slabs.

namespace tenon::heap {

// The slabs, as in the ordinary kernel.
void* allocate_slot(usize size);
void release_slot(void* slot);
usize slot_size(const void* slot);
// The slot that an address in the linear map lies in; null when it lies in none.
void* slot_around(u64 address);

namespace guard {

// The contracts of heap::allocate, release and usable_size.
void* allocate(usize size);
void release(void* pointer);
usize usable_size(const void* pointer);

// How many there are in all.
u64 live_objects();

struct Object {
    u64 start;
    usize size;
    bool is_freed;
    shadow::TraceId allocated;
    shadow::TraceId freed;
};
// What is known about the object at or just before an address, for reports.
std::optional<Object> find(u64 address);

// How many bytes freed objects may keep.
constexpr usize quarantine_limit = 256 * 1024;

}  // namespace guard
}  // namespace tenon::heap
