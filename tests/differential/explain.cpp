#include "tests/differential/explain.h"

#include <cstring>

namespace tenon::test {
namespace {

constexpr u32 machine_x86_64 = 62;
constexpr u32 machine_aarch64 = 183;

template <typename T>
std::optional<T> read(std::span<const std::byte> bytes, u64 offset)
{
    if (offset > bytes.size() || bytes.size() - offset < sizeof(T))
        return std::nullopt;
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof(value));
    return value;
}

// LDR x, [x, #imm]: the low twelve bits of the entry's address name it, as no GOT here is larger than a page.
std::optional<u64> arm64_entry(const PlaceView& place)
{
    const auto insn = read<u32>(place.section, place.offset);
    if (!insn || place.got.bytes.size() > 4096)
        return std::nullopt;
    const u64 low = u64{(*insn >> 10) & 0xfff} * 8;
    return read<u64>(place.got.bytes, (low - place.got.address) & 0xfff);
}

std::optional<u64> x86_address(const PlaceView& place)
{
    const auto opcode = read<u8>(place.section, place.offset - 2);
    const auto field = read<i32>(place.section, place.offset);
    if (!opcode || !field)
        return std::nullopt;
    // ADD r, m and its kind; TEST m, r. That the right operation is done is shown by executing it.
    const bool operation = (*opcode & 0xc7) == 0x03 || *opcode == 0x85;
    const u64 relative = place.section_address + place.offset + 4 + static_cast<u64>(i64{*field});
    switch (*opcode) {
    case 0xff:  // PUSH m, CALL *m, JMP *m
    case 0x8b: return read<u64>(place.got.bytes, relative - place.got.address);  // MOV r, m
    case 0x67:  // addr32 CALL rel32
    case 0x8d: return relative;  // LEA r, m
    case 0xe9: {                 // JMP rel32; NOP
        const auto early = read<i32>(place.section, place.offset - 1);
        return place.section_address + place.offset + 3 + static_cast<u64>(i64{early.value_or(0)});
    }
    case 0x81:                                        // ADD r, imm32 and its kind
    case 0xf7:                                        // TEST r, imm32
    case 0xc7: return static_cast<u64>(i64{*field});  // MOV r, imm32
    default: break;
    }
    if (operation)
        return read<u64>(place.got.bytes, relative - place.got.address);
    return std::nullopt;
}

}  // namespace

std::optional<u64> address_by_got(u32 machine, u32 type, const PlaceView& place)
{
    constexpr u32 ld64_got_lo12_nc = 312, gotpcrel = 9, gotpcrelx = 41, rex_gotpcrelx = 42;
    if (machine == machine_aarch64 && type == ld64_got_lo12_nc)
        return arm64_entry(place);
    if (machine == machine_x86_64 && (type == gotpcrel || type == gotpcrelx || type == rex_gotpcrelx))
        return x86_address(place);
    return std::nullopt;
}

}  // namespace tenon::test
