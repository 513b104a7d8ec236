#pragma once

#include <cstddef>
#include <string_view>

#include "kernel/lib/types.h"

// The hash of the tools' tables: names come from files that somebody may have made so that they collide in a hash that is known.

namespace tenon::tools {

struct HashKey {
    u64 low;
    u64 high;
};

// SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012).
u64 keyed_hash(std::string_view text, const HashKey& key);

// With a key that is drawn at random once in each process.
u64 keyed_hash(std::string_view text);

// For the standard library's containers.
struct KeyedHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return static_cast<std::size_t>(keyed_hash(text)); }
};

}  // namespace tenon::tools
