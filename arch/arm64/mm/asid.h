#pragma once

#include <atomic>

#include "kernel/lib/types.h"

// Address-space identifiers. There are fewer of them (256 or 65,536) than processes over time, so they belong to a generation: when
// one is used up, the next begins, every CPU drops its TLB before it uses an identifier of it, and only the spaces that are
// running keep theirs. A context is generation << 16 | identifier.

namespace tenon::arch::asid {

// Of the identifiers that the CPUs compare.
enum class Width : u8 { bits_8, bits_16 };

void initialise(Width width);

// Makes `context` valid in the current generation if it is not and notes that this CPU uses it from now on. Interrupts are off.
u16 activate(std::atomic<u64>& context);

constexpr u16 identifier(u64 context)
{
    return static_cast<u16>(context);
}

}  // namespace tenon::arch::asid
