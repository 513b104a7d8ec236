#include "arch/x86/reloc/relocator.h"

#include "arch/x86/reloc/relax.h"
#include "arch/x86/reloc/rows.h"
#include "module/link/table_relocator.h"

namespace tenon::arch::x86 {
namespace {

using modlink::CellPool;
using modlink::Fixup;
using modlink::FixupError;
using modlink::FixupOutcome;
using modlink::TypeDescription;

constexpr bool in_range(const Row& row, i64 value)
{
    const unsigned bits = row.width * 8u;
    switch (row.range) {
    case Range::any: return true;
    case Range::sign: return fits_signed(value, bits);
    case Range::zero: return fits_unsigned(static_cast<u64>(value), bits);
    case Range::either: return fits_signed(value, bits) || fits_unsigned(static_cast<u64>(value), bits);
    }
    return false;
}

u8 byte_at(const std::byte* bytes, int offset)
{
    return static_cast<u8>(bytes[offset]);
}

void put_byte(std::byte* bytes, int offset, u8 value)
{
    bytes[offset] = static_cast<std::byte>(value);
}

template <usize width>
void store(std::byte* bytes, u64 value)
{
    __builtin_memcpy(bytes, &value, width);
}

// CALL rel32, JMP rel32, and Jcc rel32 (0f 8x). In data the same bytes are a number by chance.
bool follows_branch(const Fixup& fixup)
{
    if (!fixup.in_code)
        return false;
    if (fixup.offset >= 1 && (byte_at(fixup.bytes, -1) & 0xfe) == 0xe8)
        return true;
    return fixup.offset >= 2 && byte_at(fixup.bytes, -2) == 0x0f && (byte_at(fixup.bytes, -1) & 0xf0) == 0x80;
}

FixupOutcome fix_far(const Row& row, const Fixup& fixup, i64 value, CellPool& cells)
{
    // The displacement of a branch counts from its end, four bytes behind the place: that is what A = -4 means.
    if (row.detour == Detour::code_stub && !follows_branch(fixup))
        return {FixupError::out_of_range, value};
    const std::optional<u64> stub = cells.stub_for(fixup.symbol + static_cast<u64>(fixup.addend) + 4);
    if (!stub)
        return {FixupError::out_of_range, value};
    const i64 near_value = static_cast<i64>(*stub - 4 - fixup.place);
    if (!in_range(row, near_value))
        return {FixupError::out_of_range, near_value};
    store<4>(fixup.bytes, static_cast<u64>(near_value));
    return {};
}

bool relax_at(Rex rex, const Fixup& fixup)
{
    const int head = rex == Rex::yes ? 3 : 2;
    if (fixup.undefined_weak || fixup.addend != -4 || fixup.offset < static_cast<u64>(head))
        return false;
    const GotLoad load{rex == Rex::yes ? byte_at(fixup.bytes, -3) : u8{0}, byte_at(fixup.bytes, -2),
                       byte_at(fixup.bytes, -1), rex};
    const std::optional<Relaxed> relaxed = relax(load, fixup.symbol, fixup.place);
    if (!relaxed)
        return false;
    if (rex == Rex::yes)
        put_byte(fixup.bytes, -3, relaxed->prefix);
    put_byte(fixup.bytes, -2, relaxed->opcode);
    if (relaxed->field_early) {
        constexpr u8 nop = 0x90;
        put_byte(fixup.bytes, 3, nop);
        store<4>(fixup.bytes - 1, relaxed->field);
    } else {
        put_byte(fixup.bytes, -1, relaxed->modrm);
        store<4>(fixup.bytes, relaxed->field);
    }
    return true;
}

constexpr u64 formula_value(const Row& row, const Fixup& fixup, u64 got)
{
    const u64 addend = static_cast<u64>(fixup.addend);
    switch (row.formula) {
    case Formula::no_value:
    case Formula::slot_relative: return 0;
    case Formula::absolute: return fixup.symbol + addend;
    case Formula::relative: return fixup.symbol + addend - fixup.place;
    case Formula::got_relative: return fixup.symbol + addend - got;
    case Formula::got_place: return got + addend - fixup.place;
    case Formula::size: return fixup.symbol_size + addend;
    }
    return 0;
}

struct Machine {
    static constexpr auto& rows = x86::rows;

    template <usize index>
    static FixupOutcome fix(const Fixup& fixup, CellPool& cells)
    {
        constexpr const Row& row = rows[index];
        if constexpr (row.formula == Formula::no_value)
            return {};
        if constexpr (row.detour == Detour::relax_plain || row.detour == Detour::relax_rex)
            if (relax_at(row.detour == Detour::relax_rex ? Rex::yes : Rex::no, fixup))
                return {};
        u64 value = formula_value(row, fixup, cells.got());
        if constexpr (row.formula == Formula::slot_relative) {
            const std::optional<u64> slot = cells.slot_for(fixup.symbol);
            if (!slot)
                return {FixupError::no_cell, 0};
            value = *slot + static_cast<u64>(fixup.addend) - fixup.place;
        }
        const i64 signed_value = static_cast<i64>(value);
        if (!in_range(row, signed_value)) [[unlikely]] {
            if constexpr (row.detour == Detour::call_stub || row.detour == Detour::code_stub)
                return fix_far(row, fixup, signed_value, cells);
            return {FixupError::out_of_range, signed_value};
        }
        store<row.width>(fixup.bytes, value);
        return {};
    }
};

std::string_view formula_text(Formula formula)
{
    switch (formula) {
    case Formula::no_value: return "nothing";
    case Formula::absolute: return "S + A";
    case Formula::relative: return "S + A - P";
    case Formula::got_relative: return "S + A - GOT";
    case Formula::got_place: return "GOT + A - P";
    case Formula::slot_relative: return "G + GOT + A - P";
    case Formula::size: return "Z + A";
    }
    return "";
}

TypeDescription describe_row(const Row& row)
{
    TypeDescription text{.name = row.name, .formula = formula_text(row.formula), .width = row.width};
    const unsigned bits = row.width * 8u;
    text.minimum = INT64_MIN;
    text.maximum = UINT64_MAX;
    if (row.range == Range::zero)
        text.minimum = 0;
    else if (row.range != Range::any)
        text.minimum = -(i64{1} << (bits - 1));
    if (row.range != Range::any)
        text.maximum = (u64{1} << (row.range == Range::sign ? bits - 1 : bits)) - 1;
    return text;
}

class X86Relocator final : public modlink::TableRelocator<Machine, describe_row> {
public:
    elf::Machine machine() const override { return elf::Machine::x86_64; }

    // Displacements count from the end of the field, the formulas from its start.
    i64 cell_addend() const override { return -4; }

    u32 stub_size() const override { return 24; }
    u32 stub_alignment() const override { return 8; }

    // ENDBR64; JMP *6(%rip); INT3 up to the address.
    void write_stub(std::span<std::byte> bytes, u64, u64 target) const override
    {
        constexpr u8 code[16] = {0xf3, 0x0f, 0x1e, 0xfa, 0xff, 0x25, 0x06, 0, 0, 0, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc};
        __builtin_memcpy(bytes.first(sizeof(code)).data(), code, sizeof(code));
        store<8>(bytes.subspan(sizeof(code), 8).data(), target);
    }

    u32 landing_pad_property() const override { return 0xc000'0002; }  // GNU_PROPERTY_X86_FEATURE_1_AND: IBT

    u32 trap_pattern() const override { return 0xcccccccc; }
};

constinit const X86Relocator instance;

}  // namespace

const modlink::Relocator& relocator()
{
    return instance;
}

}  // namespace tenon::arch::x86
