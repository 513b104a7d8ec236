#pragma once

#include <optional>
#include <span>

#include "kernel/lib/types.h"
#include "module/elf/format.h"

namespace tenon::elf {

// Reads a section of compact relocations (SHT_CREL, as LLVM 19 and binutils 2.44 write them for `-Wa,--crel`; proposed for the generic
// ABI). It begins with an unsigned LEB128: eight times the number of entries, plus 4 when they have addends, plus the number of bits by which
// offsets are shifted. Each entry holds differences to the one before, all modulo the width of the field. Its first byte has from the
// lowest bit on: symbol differs, type differs and, with addends, addend differs; the bits above are the lowest of the offset's
// difference, of which an unsigned LEB128 follows when bit 7 is set. Signed LEB128s of what differs follow.
class CrelReader {
public:
    // Nothing when the number of entries cannot be read or is larger than so many bytes can hold.
    static std::optional<CrelReader> open(std::span<const std::byte> section);

    u64 remaining() const { return remaining_; }
    bool has_addends() const { return has_addends_; }

    // The next of the remaining entries; nothing when the section ends inside it or a number is too long.
    std::optional<Rela> next();
    // Whether nothing stands behind the last entry.
    bool is_at_end() const { return bytes_.empty(); }

private:
    CrelReader() = default;
    struct Number {
        u64 value = 0;
        unsigned width = 0;     // bits that were given
        bool negative = false;  // the highest of them
    };

    std::optional<u8> byte();
    template <typename Last>
    std::optional<Number> number(Last&& may_end_with);
    std::optional<u64> unsigned_number();
    std::optional<u64> signed_number();  // two's complement

    std::span<const std::byte> bytes_;
    u64 remaining_ = 0;
    bool has_addends_ = false;
    unsigned shift_ = 0;
    u64 offset_ = 0;
    u32 symbol_ = 0;
    u32 type_ = 0;
    u64 addend_ = 0;
};

}  // namespace tenon::elf
