#include "tests/differential/explain.h"

#include <algorithm>
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

bool equal(const PlaceView& ours, const PlaceView& theirs, u64 start, u64 end)
{
    return start <= end && end <= ours.section.size() &&
           std::memcmp(ours.section.data() + start, theirs.section.data() + start, end - start) == 0;
}

// LDR x, [x, #imm]: the low twelve bits of the entry's address name it, as no GOT here is larger than a page.
std::optional<u64> entry_of_load(const PlaceView& place, u32 insn)
{
    const u64 low = u64{(insn >> 10) & 0xfff} * 8;
    if (low >= 4096 || place.got.bytes.size() > 4096)
        return std::nullopt;
    return read<u64>(place.got.bytes, (low - place.got.address) & 0xfff);
}

std::optional<Explanation> explain_load(const PlaceView& ours, const PlaceView& theirs)
{
    constexpr u32 field = 0xfff << 10;
    const auto mine = read<u32>(ours.section, ours.offset);
    const auto other = read<u32>(theirs.section, theirs.offset);
    if (!mine || !other || *mine == *other || (*mine & ~field) != (*other & ~field))
        return std::nullopt;
    const auto entry = entry_of_load(ours, *mine);
    if (!entry || entry != entry_of_load(theirs, *other))
        return std::nullopt;
    return Explanation{Reason::got_order, ours.offset, ours.offset + 4};
}

std::optional<Explanation> explain_weak_call(const PlaceView& ours, const PlaceView& theirs)
{
    constexpr u32 call_next = 0x94000001, nop = 0xd503201f;
    if (read<u32>(ours.section, ours.offset) != call_next || read<u32>(theirs.section, theirs.offset) != nop)
        return std::nullopt;
    return Explanation{Reason::no_op, ours.offset, ours.offset + 4};
}

// The last bytes before the place that belong to the instruction, with the REX prefix or without.
struct Head {
    u8 rex;
    u8 opcode;
    u8 modrm;
};

std::optional<Head> head_of(const PlaceView& place, bool with_rex)
{
    if (place.offset < 3)
        return std::nullopt;
    const auto bytes = read<std::array<u8, 3>>(place.section, place.offset - 3);
    return bytes ? std::optional(Head{with_rex ? (*bytes)[0] : u8{0x40}, (*bytes)[1], (*bytes)[2]}) : std::nullopt;
}

// The content of the GOT entry that the operand relative to RIP at the place names.
std::optional<u64> entry_of_operand(const PlaceView& place)
{
    const auto field = read<i32>(place.section, place.offset);
    if (!field)
        return std::nullopt;
    return read<u64>(place.got.bytes, place.section_address + place.offset + 4 + static_cast<u64>(i64{*field}) - place.got.address);
}

// LEA r, [rip + disp32] here, or MOV r, [rip + disp32] for a weak symbol, and MOV r, imm32 there: the register is in reg and REX.R, there in
// rm and REX.B.
std::optional<Explanation> explain_immediate(const PlaceView& ours, const PlaceView& theirs, bool with_rex)
{
    constexpr u8 lea = 0x8d, load = 0x8b, move_immediate = 0xc7;
    const auto mine = head_of(ours, with_rex);
    const auto other = head_of(theirs, with_rex);
    const auto displacement = read<i32>(ours.section, ours.offset);
    const auto immediate = read<i32>(theirs.section, theirs.offset);
    if (!mine || !other || !displacement || !immediate)
        return std::nullopt;
    const u64 relative = ours.section_address + ours.offset + 4 + static_cast<u64>(i64{*displacement});
    std::optional<u64> address;
    if (mine->opcode == lea)
        address = relative;
    else if (mine->opcode == load)
        address = entry_of_operand(ours);
    const u8 rex_r_as_b = static_cast<u8>((mine->rex & ~5) | (mine->rex & 4) >> 2);
    const bool is_expected = (mine->modrm & 0xc7) == 0x05 && other->opcode == move_immediate &&
                             other->modrm == (0xc0 | ((mine->modrm >> 3) & 7)) && other->rex == rex_r_as_b;
    if (!is_expected || !address || *address != static_cast<u64>(i64{*immediate}))
        return std::nullopt;
    return Explanation{Reason::immediate, ours.offset - (with_rex ? 3 : 2), ours.offset + 4};
}

// Any instruction with an operand in the GOT: only the displacement differs.
std::optional<Explanation> explain_operand(const PlaceView& ours, const PlaceView& theirs)
{
    const u64 head = std::min<u64>(3, ours.offset);
    const auto mine = entry_of_operand(ours);
    if (!mine || mine != entry_of_operand(theirs) || !equal(ours, theirs, ours.offset - head, ours.offset) ||
        equal(ours, theirs, ours.offset, ours.offset + 4))
        return std::nullopt;
    return Explanation{Reason::got_order, ours.offset, ours.offset + 4};
}

}  // namespace

std::optional<Explanation> explain(u32 machine, u32 type, const PlaceView& ours, const PlaceView& theirs)
{
    constexpr u32 call26 = 283, ld64_got_lo12_nc = 312, gotpcrel = 9, gotpcrelx = 41, rex_gotpcrelx = 42;
    if (machine == machine_aarch64 && type == ld64_got_lo12_nc)
        return explain_load(ours, theirs);
    if (machine == machine_aarch64 && type == call26)
        return explain_weak_call(ours, theirs);
    if (machine != machine_x86_64 || (type != gotpcrel && type != gotpcrelx && type != rex_gotpcrelx))
        return std::nullopt;
    if (const auto immediate = type != gotpcrel ? explain_immediate(ours, theirs, type == rex_gotpcrelx) : std::nullopt)
        return immediate;
    return explain_operand(ours, theirs);
}

}  // namespace tenon::test
