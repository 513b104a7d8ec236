#pragma once

#include <optional>
#include <span>

#include "kernel/lib/types.h"

namespace tenon::test {

// The GOT of one of the two results.
struct GotView {
    u64 address = 0;
    std::span<const std::byte> bytes;
};

// A relocated place in one of the two results: the section's bytes, where it stands, and the place in it.
struct PlaceView {
    std::span<const std::byte> section;
    u64 section_address;
    u64 offset;
    GotView got;
};

// Two linkers may order the GOT differently, and may relax a load from it differently. This is the address that the instruction at the place
// ends up with, whichever way it gets it; nothing for other kinds of relocation, which must agree to the bit.
std::optional<u64> address_by_got(u32 machine, u32 type, const PlaceView& place);

}  // namespace tenon::test
