#include "tests/differential/explain.h"

#include <algorithm>
#include <cstring>

namespace tenon::test {
namespace {

constexpr u32 machine_x86_64 = 62;
constexpr u32 machine_aarch64 = 183;
constexpr u32 adr_got_page = 311, ld64_got_lo12_nc = 312, ld64_gotpage_lo15 = 313;

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

// LDR x, [x, #imm]. For LD64_GOTPAGE_LO15 imm counts from the page of the GOT; else the low twelve bits of the entry's address name it, as
// no GOT here is larger than a page.
std::optional<u64> entry_of_load(const PlaceView& place, u32 type, u32 insn)
{
    const u64 low = u64{(insn >> 10) & 0xfff} * 8;
    if (type == ld64_gotpage_lo15)
        return read<u64>(place.got.bytes, low - (place.got.address & 0xfff));
    if (low >= 4096 || place.got.bytes.size() > 4096)
        return std::nullopt;
    return read<u64>(place.got.bytes, (low - place.got.address) & 0xfff);
}

std::optional<Explanation> explain_load(u32 type, const PlaceView& ours, const PlaceView& theirs)
{
    constexpr u32 field = 0xfff << 10;
    const auto mine = read<u32>(ours.section, ours.offset);
    const auto other = read<u32>(theirs.section, theirs.offset);
    if (!mine || !other || *mine == *other || (*mine & ~field) != (*other & ~field))
        return std::nullopt;
    const auto entry = entry_of_load(ours, type, *mine);
    if (!entry || entry != entry_of_load(theirs, type, *other))
        return std::nullopt;
    return Explanation{Reason::got_order, ours.offset, ours.offset + 4};
}

// The page of an ADRP at the place.
u64 page_of_adrp(const PlaceView& place, u32 insn)
{
    const u64 pages = u64{(insn >> 5) & 0x7ffff} << 2 | ((insn >> 29) & 3);
    return ((place.section_address + place.offset) & ~u64{0xfff}) + static_cast<u64>(static_cast<i64>(pages << 43) >> 31);
}

bool covers_page(const GotView& got, u64 page)
{
    return !got.bytes.empty() && page >= (got.address & ~u64{0xfff}) && page <= ((got.address + got.bytes.size() - 1) & ~u64{0xfff});
}

// A GOT across the end of a page: its entries stand in another order, so that some are on the other page. Which entry is meant the load says.
std::optional<Explanation> explain_page(const PlaceView& ours, const PlaceView& theirs)
{
    constexpr u32 field = 0x60ffffe0;
    const auto mine = read<u32>(ours.section, ours.offset);
    const auto other = read<u32>(theirs.section, theirs.offset);
    if (!mine || !other || *mine == *other || (*mine & ~field) != (*other & ~field) || !covers_page(ours.got, page_of_adrp(ours, *mine)) ||
        !covers_page(theirs.got, page_of_adrp(theirs, *other)))
        return std::nullopt;
    return Explanation{Reason::got_order, ours.offset, ours.offset + 4};
}

std::optional<Explanation> explain_weak_call(const PlaceView& ours, const PlaceView& theirs)
{
    constexpr u32 call_next = 0x94000001, jump_next = 0x14000001, nop = 0xd503201f;
    const auto mine = read<u32>(ours.section, ours.offset);
    if ((mine != call_next && mine != jump_next) || read<u32>(theirs.section, theirs.offset) != nop)
        return std::nullopt;
    return Explanation{Reason::no_op, ours.offset, ours.offset + 4};
}

// MOVN x, #~imm here and MOVZ x, #imm there: they differ in bit 30 and in every bit of the immediate.
std::optional<Explanation> explain_movn(const PlaceView& ours, const PlaceView& theirs)
{
    constexpr u32 immediate = 0xffff << 5, movz = 1u << 30;
    const auto mine = read<u32>(ours.section, ours.offset);
    const auto other = read<u32>(theirs.section, theirs.offset);
    if (!mine || !other || (*mine & 0xff800000) != 0x92800000 || (*mine ^ *other) != (immediate | movz))
        return std::nullopt;
    return Explanation{Reason::movn, ours.offset, ours.offset + 4};
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

// The register is in reg and REX.R of one form, in rm and REX.B of the other.
u8 rex_r_as_b(u8 rex)
{
    return static_cast<u8>((rex & ~5) | (rex & 4) >> 2);
}

// Whether an immediate stands for the value: with REX.W all of it, without the low 32 bits.
bool same_operand(u8 rex, u64 value, i32 immediate)
{
    const u64 extended = static_cast<u64>(i64{immediate});
    return (rex & 8) != 0 ? value == extended : static_cast<u32>(value) == static_cast<u32>(extended);
}

// The content of the GOT entry that the operand relative to RIP at the place names.
std::optional<u64> entry_of_operand(const PlaceView& place)
{
    const auto field = read<i32>(place.section, place.offset);
    if (!field)
        return std::nullopt;
    return read<u64>(place.got.bytes, place.section_address + place.offset + 4 + static_cast<u64>(i64{*field}) - place.got.address);
}

// LEA r, [rip + disp32] here, or MOV r, [rip + disp32] for a weak symbol, and MOV r, imm32 there.
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
    const bool is_expected = (mine->modrm & 0xc7) == 0x05 && other->opcode == move_immediate &&
                             other->modrm == (0xc0 | ((mine->modrm >> 3) & 7)) && other->rex == rex_r_as_b(mine->rex);
    if (!is_expected || !address || !same_operand(mine->rex, *address, *immediate))
        return std::nullopt;
    return Explanation{Reason::immediate, ours.offset - (with_rex ? 3 : 2), ours.offset + 4};
}

// MOV r, [rip + disp32] of a GOT entry here, LEA r, [rip + disp32] of what the entry holds there.
std::optional<Explanation> explain_direct(const PlaceView& ours, const PlaceView& theirs)
{
    constexpr u8 lea = 0x8d, load = 0x8b;
    const auto mine = head_of(ours, true);
    const auto other = head_of(theirs, true);
    const auto entry = entry_of_operand(ours);
    const auto displacement = read<i32>(theirs.section, theirs.offset);
    if (!mine || !other || !entry || !displacement || mine->rex != other->rex || mine->opcode != load || other->opcode != lea ||
        mine->modrm != other->modrm || *entry != theirs.section_address + theirs.offset + 4 + static_cast<u64>(i64{*displacement}))
        return std::nullopt;
    return Explanation{Reason::direct, ours.offset - 2, ours.offset + 4};
}

// CALL [rip + disp32] or JMP [rip + disp32] of an undefined weak symbol's entry here, addr32 CALL rel32 or JMP rel32; NOP there.
std::optional<Explanation> explain_weak_branch(const PlaceView& ours, const PlaceView& theirs)
{
    constexpr u8 indirect = 0xff, call = 0x15, jump = 0x25, addr32 = 0x67, call_relative = 0xe8, jump_relative = 0xe9, nop = 0x90;
    const auto mine = head_of(ours, false);
    const auto other = head_of(theirs, false);
    if (!mine || !other || mine->opcode != indirect || entry_of_operand(ours) != u64{0})
        return std::nullopt;
    const bool is_call = mine->modrm == call && other->opcode == addr32 && other->modrm == call_relative;
    const bool is_jump = mine->modrm == jump && other->opcode == jump_relative && read<u8>(theirs.section, theirs.offset + 3) == nop;
    const u64 field = theirs.offset - (is_jump ? 1 : 0);
    const auto displacement = read<i32>(theirs.section, field);
    if ((!is_call && !is_jump) || !displacement || theirs.section_address + field + 4 + static_cast<u64>(i64{*displacement}) != 0)
        return std::nullopt;
    return Explanation{Reason::direct, ours.offset - 2, ours.offset + 4};
}

// OP r, imm32 or TEST r, imm32 in one, OP r, [rip + disp32] or TEST [rip + disp32], r of a GOT entry with that value in the other. Without
// REX.W the operation has 32 bits.
bool same_arithmetic(const PlaceView& immediate_place, const PlaceView& entry_place, bool with_rex)
{
    constexpr u8 arithmetic = 0x81, test_immediate = 0xf7, test = 0x85;
    const auto direct = head_of(immediate_place, with_rex);
    const auto load = head_of(entry_place, with_rex);
    const auto entry = entry_of_operand(entry_place);
    const auto immediate = read<i32>(immediate_place.section, immediate_place.offset);
    if (!direct || !load || !entry || !immediate || (load->modrm & 0xc7) != 0x05)
        return false;
    const bool is_test = load->opcode == test;
    const u8 extension = is_test ? 0 : load->opcode & 0x38;
    return (is_test || (load->opcode & 0xc7) == 0x03) && direct->opcode == (is_test ? test_immediate : arithmetic) &&
           direct->modrm == (0xc0 | extension | ((load->modrm >> 3) & 7)) && direct->rex == rex_r_as_b(load->rex) &&
           same_operand(load->rex, *entry, *immediate);
}

std::optional<Explanation> explain_arithmetic(const PlaceView& ours, const PlaceView& theirs, bool with_rex)
{
    if (!same_arithmetic(ours, theirs, with_rex) && !same_arithmetic(theirs, ours, with_rex))
        return std::nullopt;
    return Explanation{Reason::operand, ours.offset - (with_rex ? 3 : 2), ours.offset + 4};
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
    constexpr u32 jump26 = 282, call26 = 283, movw_prel_g3 = 293, gotpcrel = 9, gotpcrelx = 41, rex_gotpcrelx = 42;
    if (machine == machine_aarch64 && (type == ld64_got_lo12_nc || type == ld64_gotpage_lo15))
        return explain_load(type, ours, theirs);
    if (machine == machine_aarch64 && type == adr_got_page)
        return explain_page(ours, theirs);
    if (machine == machine_aarch64 && (type == call26 || type == jump26))
        return explain_weak_call(ours, theirs);
    if (machine == machine_aarch64 && type == movw_prel_g3)
        return explain_movn(ours, theirs);
    if (machine != machine_x86_64 || (type != gotpcrel && type != gotpcrelx && type != rex_gotpcrelx))
        return std::nullopt;
    if (const auto immediate = type != gotpcrel ? explain_immediate(ours, theirs, type == rex_gotpcrelx) : std::nullopt)
        return immediate;
    if (const auto arithmetic = type != gotpcrel ? explain_arithmetic(ours, theirs, type == rex_gotpcrelx) : std::nullopt)
        return arithmetic;
    if (const auto branch = type == gotpcrelx ? explain_weak_branch(ours, theirs) : std::nullopt)
        return branch;
    if (const auto direct = type == gotpcrel ? explain_direct(ours, theirs) : std::nullopt)
        return direct;
    return explain_operand(ours, theirs);
}

}  // namespace tenon::test
