#pragma once

#include <span>

#include "kernel/lib/types.h"

// Call chains that are kept for reports: who allocated and who freed an object; and how much memory those hold who allocated it so. Every
// context; no locks.

namespace tenon::shadow {

using TraceId = u32;
constexpr TraceId no_trace = 0;

// The chain of callers from the one whose frame record stands at `frame` on, as far as this stack goes. Equal chains have one id; no_trace
// when there is no room for another.
TraceId remember_trace(const void* frame);
// Return addresses, innermost first; empty when the chain has been forgotten.
std::span<const u64> trace(TraceId id);

void count_allocation(TraceId id, usize size);
void count_release(TraceId id, usize size);

struct Code {
    u64 start = 0;
    u64 size = 0;
    bool contains(u64 address) const { return address - start < size; }
};
struct TraceUse {
    std::span<const u64> addresses;
    u32 objects;  // that are live
    u64 bytes;
    Code gone;    // code among the addresses that has gone already: forget_code() with an heir
};
// Calls visit(use) for each chain whose innermost address lies in `code`, or in what that inherited, and whose objects live.
void visit_users(Code code, void (*visit)(const TraceUse& use, void* context), void* context);
// The code goes: what stands there next has chains of its own. Those that no live object has are forgotten, those that begin in it are
// the code's at `heir` from now on.
void forget_code(Code code, u64 heir = 0);

}  // namespace tenon::shadow
