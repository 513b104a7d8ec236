#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include <modlink/modlink.h>

#include "tests/differential/random/kinds.h"

namespace tenon::test {

// Who judges a sample: another linker, which then knows every type in it, or the linker's own other results.
enum class Judge : u8 { gnu, lld, self };

// One relocation of a sample.
struct Site {
    const Kind* kind;
    u32 section;
    u64 offset;
    u32 symbol;
    i64 addend;
    u64 value;  // X without the GOT
};

// A relocatable object that a seed made, and the addresses for which it is to be linked.
struct Sample {
    elf::Machine machine;
    Judge judge;
    std::vector<std::byte> object;
    std::vector<Site> sites;
    std::vector<std::string> section_names;  // by index
    std::vector<u64> section_addresses;
    std::vector<u16> symbol_sections;  // by index: where each is defined
    std::map<std::string, u64, std::less<>> outside;  // what the undefined symbols are; the others are weak
    std::array<u64, 7> places;                          // by RegionKind

    // Everything that is outside `distance` bytes farther up.
    ::modlink::Options options(u64 distance = 0) const;
};

Sample make_sample(u64 seed);

}  // namespace tenon::test
