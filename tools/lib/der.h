#pragma once

#include <optional>
#include <span>

#include "kernel/lib/types.h"

namespace tenon::tools {

// Reads DER (X.690) from left to right: definite lengths and one-byte tags, which is all that PKCS#7 uses.
class DerReader {
public:
    static constexpr u8 integer = 0x02;
    static constexpr u8 octet_string = 0x04;
    static constexpr u8 object_identifier = 0x06;
    static constexpr u8 sequence = 0x30;
    static constexpr u8 set = 0x31;
    static constexpr u8 context(u8 number) { return static_cast<u8>(0x80 | number); }
    static constexpr u8 context_constructed(u8 number) { return static_cast<u8>(0xa0 | number); }

    explicit DerReader(std::span<const u8> bytes) : rest_(bytes) {}

    bool at_end() const { return rest_.empty(); }

    // The tag of the next element; 0 at the end.
    u8 tag() const { return rest_.empty() ? u8{0} : rest_.front(); }

    // The contents of the next element, which is left behind. Nothing when its tag is another or it ends outside.
    std::optional<std::span<const u8>> take(u8 wanted);

    // The same for whatever stands there.
    std::optional<std::span<const u8>> take_any() { return take(tag()); }

private:
    std::span<const u8> rest_;
};

}  // namespace tenon::tools
