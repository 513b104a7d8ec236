#include "tests/unit/arch/arm64/reloc/edges.h"

#include "arch/arm64/reloc/relocator.h"

namespace tenon::arch::arm64 {
namespace {

constexpr i64 p(unsigned bits)
{
    return i64{1} << bits;
}

constexpr u64 page(u64 address)
{
    return address & ~u64{4095};
}

constexpr u32 movz = 0xd2800005, movk = 0xf2800005, ldr = 0xf9400021, add = 0x91000021, adrp = 0x90000001;
constexpr i64 none = unchecked;

constexpr Edge table[] = {
    // Data: ABS64, ABS32, ABS16, PREL64, PREL32, PREL16; GOTREL64, GOTREL32, PLT32, GOTPCREL32.
    {257, X::absolute, Store::data, 8, none, 0},
    {258, X::absolute, Store::data, 4, -p(31), p(32) - 1},
    {259, X::absolute, Store::data, 2, -p(15), p(16) - 1},
    {260, X::relative, Store::data, 8, none, 0},
    {261, X::relative, Store::data, 4, -p(31), p(32) - 1},
    {262, X::relative, Store::data, 2, -p(15), p(16) - 1},
    {307, X::got_relative, Store::data, 8, none, 0},
    {308, X::got_relative, Store::data, 4, -p(31), p(31) - 1},
    {314, X::relative, Store::data, 4, -p(31), p(31) - 1},
    {315, X::entry_relative, Store::data, 4, -p(31), p(31) - 1},

    // MOVW_UABS_G0, G0_NC, G1, G1_NC, G2, G2_NC, G3; MOVW_SABS_G0, G1, G2.
    {263, X::absolute, Store::move, 0, 0, p(16) - 1, 1, movz},
    {264, X::absolute, Store::move, 0, none, 0, 1, movk},
    {265, X::absolute, Store::move, 16, 0, p(32) - 1, 1, movz},
    {266, X::absolute, Store::move, 16, none, 0, 1, movk},
    {267, X::absolute, Store::move, 32, 0, p(48) - 1, 1, movz},
    {268, X::absolute, Store::move, 32, none, 0, 1, movk},
    {269, X::absolute, Store::move, 48, none, 0, 1, movz},
    {270, X::absolute, Store::move_signed, 0, -p(16), p(16) - 1, 1, movz},
    {271, X::absolute, Store::move_signed, 16, -p(32), p(32) - 1, 1, movz},
    {272, X::absolute, Store::move_signed, 32, -p(48), p(48) - 1, 1, movz},

    // MOVW_PREL_G0, G0_NC, G1, G1_NC, G2, G2_NC, G3.
    {287, X::relative, Store::move_signed, 0, -p(16), p(16) - 1, 1, movz},
    {288, X::relative, Store::move, 0, none, 0, 1, movk},
    {289, X::relative, Store::move_signed, 16, -p(32), p(32) - 1, 1, movz},
    {290, X::relative, Store::move, 16, none, 0, 1, movk},
    {291, X::relative, Store::move_signed, 32, -p(48), p(48) - 1, 1, movz},
    {292, X::relative, Store::move, 32, none, 0, 1, movk},
    {293, X::relative, Store::move_signed, 48, none, 0, 1, movz},

    // MOVW_GOTOFF_G0, G0_NC, G1, G1_NC, G2, G2_NC, G3.
    {300, X::entry_offset, Store::move_signed, 0, -p(16), p(16) - 1, 1, movz},
    {301, X::entry_offset, Store::move, 0, none, 0, 1, movk},
    {302, X::entry_offset, Store::move_signed, 16, -p(32), p(32) - 1, 1, movz},
    {303, X::entry_offset, Store::move, 16, none, 0, 1, movk},
    {304, X::entry_offset, Store::move_signed, 32, -p(48), p(48) - 1, 1, movz},
    {305, X::entry_offset, Store::move, 32, none, 0, 1, movk},
    {306, X::entry_offset, Store::move_signed, 48, none, 0, 1, movz},

    // LD_PREL_LO19, ADR_PREL_LO21, ADR_PREL_PG_HI21, ADR_PREL_PG_HI21_NC.
    {273, X::relative, Store::imm19, 2, -p(20), p(20) - 4, 4, 0x58000001},
    {274, X::relative, Store::adr, 0, -p(20), p(20) - 1, 1, 0x10000001},
    {275, X::pages, Store::adrp, 12, -p(32), p(32) - p(12), p(12), adrp},
    {276, X::pages, Store::adrp, 12, none, 0, p(12), adrp},

    // ADD_ABS_LO12_NC; LDST8, 16, 32, 64, 128_ABS_LO12_NC.
    {277, X::absolute, Store::low12, 0, none, 0, 1, add},
    {278, X::absolute, Store::low12, 0, none, 0, 1, 0x39400021},
    {284, X::absolute, Store::low12, 1, none, 0, 2, 0x79400021},
    {285, X::absolute, Store::low12, 2, none, 0, 4, 0xb9400021},
    {286, X::absolute, Store::low12, 3, none, 0, 8, ldr},
    {299, X::absolute, Store::low12, 4, none, 0, 16, 0x3dc00021},

    // TSTBR14, CONDBR19, JUMP26, CALL26.
    {279, X::relative, Store::imm14, 2, -p(15), p(15) - 4, 4, 0x36000001},
    {280, X::relative, Store::imm19, 2, -p(20), p(20) - 4, 4, 0x54000001},
    {282, X::relative, Store::imm26, 2, -p(27), p(27) - 4, 4, 0x14000000},
    {283, X::relative, Store::imm26, 2, -p(27), p(27) - 4, 4, 0x94000000},

    // GOT_LD_PREL19, LD64_GOTOFF_LO15, ADR_GOT_PAGE, LD64_GOT_LO12_NC, LD64_GOTPAGE_LO15.
    {309, X::entry_relative, Store::imm19, 2, -p(20), p(20) - 4, 4, 0x58000001},
    {310, X::entry_offset, Store::low15, 3, 0, p(15) - 8, 8, ldr},
    {311, X::entry_pages, Store::adrp, 12, -p(32), p(32) - p(12), p(12), adrp},
    {312, X::entry, Store::low12, 3, none, 0, 8, ldr},
    {313, X::entry_page_offset, Store::low15, 3, 0, p(15) - 8, 8, ldr},
};

// `width` bits of the instruction from `start` on replaced by the low bits of `value`.
u32 put_bits(u32 insn, u64 value, unsigned start, unsigned width)
{
    for (unsigned bit = 0; bit < width; ++bit) {
        const u32 mask = u32{1} << (start + bit);
        insn = (value >> bit & 1) != 0 ? insn | mask : insn & ~mask;
    }
    return insn;
}

// opc, bits 30:29: 0 is MOVN, 2 is MOVZ.
u32 move(u32 insn, i64 x, unsigned low)
{
    const bool negative = x < 0;
    return put_bits(put_bits(insn, negative ? 0 : 2, 29, 2), static_cast<u64>(negative ? ~x : x) >> low, 5, 16);
}

u32 stored(const Edge& edge, u32 insn, i64 x)
{
    const u64 bits = static_cast<u64>(x);
    switch (edge.store) {
    case Store::data: break;
    case Store::imm26: return put_bits(insn, bits >> 2, 0, 26);
    case Store::imm19: return put_bits(insn, bits >> 2, 5, 19);
    case Store::imm14: return put_bits(insn, bits >> 2, 5, 14);
    case Store::adr: return put_bits(put_bits(insn, bits, 29, 2), bits >> 2, 5, 19);
    case Store::adrp: return put_bits(put_bits(insn, bits >> 12, 29, 2), bits >> 14, 5, 19);
    case Store::low12: return put_bits(insn, (bits & 0xfff) >> edge.low, 10, 12);
    case Store::low15: return put_bits(insn, (bits & 0x7fff) >> 3, 10, 12);
    case Store::move: return put_bits(insn, bits >> edge.low, 5, 16);
    case Store::move_signed: return move(insn, x, edge.low);
    }
    return insn;
}

constexpr u32 needs_entry = 312;

}  // namespace

std::span<const Edge> edges()
{
    return table;
}

EdgeFixup::EdgeFixup(const Edge& edge, i64 x, u32 insn) : OneFixup(relocator(), edge.type), edge_(edge), x_(x)
{
    constexpr u64 in_page = 0x7f0;
    const u64 distance = static_cast<u64>(x);
    u64 got = 0xffff'8000'2000'0ff0;
    u64 entry = 0xffff'8000'3000'0000;  // a multiple of 8, as the linker makes them
    u64 result = 0xffff'8000'1234'5678; // S + A
    switch (edge.x) {
    case X::absolute: result = distance; break;
    case X::relative: result = place + distance; break;
    case X::pages: result = page(place) + distance + in_page; break;
    case X::got_relative: result = got + distance; break;
    case X::entry: entry = distance; break;
    case X::entry_relative: place = entry - distance; break;
    case X::entry_pages: entry = page(place) + distance + in_page; break;
    case X::entry_offset: got = entry - distance; break;
    case X::entry_page_offset: entry = page(got) + distance; break;
    }
    addend = 24;
    symbol = result - 24;
    got_ = std::make_unique<test::Got>(relocator(), needs_entry, got, entry);
    cells = &got_->cells();
    put(insn);
}

decltype(EdgeFixup::section) EdgeFixup::expected() const
{
    auto bytes = section;
    if (edge_.is_data()) {
        std::memcpy(bytes.data() + offset, &x_, edge_.low);
    } else {
        const u32 insn = stored(edge_, get(), x_);
        std::memcpy(bytes.data() + offset, &insn, sizeof(insn));
    }
    return bytes;
}

}  // namespace tenon::arch::arm64
