#pragma once

#include <string>

#include "tests/differential/other_linker.h"
#include "tests/differential/random/refusals.h"
#include "tests/differential/random/sample.h"

namespace tenon::test {

struct Figures {
    u64 objects = 0;
    u64 relocations = 0;
    u64 refused = 0;
    u64 bytes = 0;      // compared with another linker
    u64 explained = 0;  // places that differ and mean the same
    u64 damaged = 0;    // objects with an error put in
};

// Each returns what is wrong, and nothing when all is well.

// The same places refused as the other linker does, and without them the same bytes.
std::string check_against(const OtherLinker& linker, const Sample& sample, Figures& figures);

// The results of our linker for other addresses and options go with each other.
std::string check_alone(const Sample& sample, Figures& figures);

// Objects with one bit or one field damaged neither crash the linker nor hang it.
void damage(const Sample& sample, u64 seed, Figures& figures);

}  // namespace tenon::test
