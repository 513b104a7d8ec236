#pragma once

#include <compare>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/differential/random/sample.h"

namespace tenon::test {

// A place that a linker refused to relocate.
struct Place {
    u32 section;
    u64 offset;

    auto operator<=>(const Place&) const = default;
};
using Places = std::set<Place>;

// From the sentences of our linker, which must name the type as well; a sentence that names no site of the sample is an error.
struct OurRefusals {
    Places places;
    std::string error;
};
OurRefusals our_refusals(const Sample& sample, const std::vector<std::string>& problems);

// From the words of GNU ld or lld: "(s3+0x10): relocation truncated to fit", "(function f: s3+0x10): relocation ... out of range".
Places their_refusals(std::string_view log);

// Whether every section stands where the relocations of the sample were made for. Without its last entry of the GOT a region may be gone,
// and an empty section of it stands elsewhere: nothing to compare then.
bool stands_as_planned(const Sample& sample, const ::modlink::Output& output);

// The object without the relocations at these places.
std::vector<std::byte> without(const Sample& sample, const Places& places);

}  // namespace tenon::test
