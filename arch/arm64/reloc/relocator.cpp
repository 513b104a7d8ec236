#include "arch/arm64/reloc/relocator.h"

#include "arch/arm64/reloc/fix.h"
#include "module/link/table_relocator.h"

namespace tenon::arch::arm64 {
namespace {

using modlink::TypeDescription;

std::string_view formula_text(Formula formula)
{
    switch (formula) {
    case Formula::no_value: return "nothing";
    case Formula::absolute: return "S + A";
    case Formula::relative: return "S + A - P";
    case Formula::page_relative: return "Page(S + A) - Page(P)";
    case Formula::got_relative: return "S + A - GOT";
    case Formula::slot_relative: return "GDAT(S + A) - P";
    case Formula::slot_page: return "Page(GDAT(S + A)) - Page(P)";
    case Formula::slot_address: return "GDAT(S + A)";
    case Formula::slot_offset: return "GDAT(S + A) - GOT";
    case Formula::slot_page_offset: return "GDAT(S + A) - Page(GOT)";
    }
    return "";
}

TypeDescription describe_row(const Row& row)
{
    TypeDescription text{.name = row.name, .formula = formula_text(row.formula), .width = row.width};
    text.value_alignment = row.scaled ? u32{1} << row.shift : 1;
    text.minimum = row.range == Range::two_sided ? -(i64{1} << row.bits)
                   : row.range == Range::either  ? -(i64{1} << (row.bits - 1))
                   : row.range == Range::any     ? INT64_MIN
                                                 : 0;
    text.maximum = row.range == Range::any ? UINT64_MAX : (u64{1} << row.bits) - 1;
    return text;
}

class Arm64Relocator final : public modlink::TableRelocator<Machine, describe_row> {
public:
    elf::Machine machine() const override { return elf::Machine::aarch64; }

    i64 cell_addend() const override { return 0; }

    u32 stub_size() const override { return 24; }
    u32 stub_alignment() const override { return 8; }

    // MOVZ and MOVK reach any address, and BR through X16 is accepted by a BTI C at the target; the stub's own BTI C lets
    // another veneer or a function pointer enter it.
    void write_stub(std::span<std::byte> bytes, u64, u64 target) const override
    {
        const u32 code[] = {
            insn_bti_c,
            with_imm16(insn_movz_x16, target),
            with_imm16(with_halfword(insn_movk_x16, 1), target >> 16),
            with_imm16(with_halfword(insn_movk_x16, 2), target >> 32),
            with_imm16(with_halfword(insn_movk_x16, 3), target >> 48),
            insn_branch_x16,
        };
        static_assert(sizeof(code) == 24);
        __builtin_memcpy(bytes.first(sizeof(code)).data(), code, sizeof(code));
    }

    u32 landing_pad_property() const override { return 0xc000'0000; }  // GNU_PROPERTY_AARCH64_FEATURE_1_AND: BTI

    u32 trap_pattern() const override { return insn_trap; }
};

constinit const Arm64Relocator instance;

}  // namespace

FixupOutcome fix_far(const Row& row, Spot spot, u64 target, i64 value, CellPool& cells)
{
    const std::optional<u64> stub = cells.stub_for(target);
    if (!stub)
        return {FixupError::out_of_range, value};
    const u64 near_value = *stub - spot.place;
    if (!in_range(row, static_cast<i64>(near_value)))
        return {FixupError::out_of_range, static_cast<i64>(near_value)};
    if (row.field == Field::data)
        store_data<u32>(spot.bytes, near_value);
    else
        store_insn(spot.bytes, encode(row, load_insn(spot.bytes), near_value));
    return {};
}

// ADR gives the same page address when it is within 1 MiB. Else the ADRP moves into a veneer, away from the offset, and a branch
// goes there and back.
FixupOutcome fix_erratum_843419(const Row& row, Spot spot, u64 value, CellPool& cells)
{
    const u32 insn = load_insn(spot.bytes);
    const u64 page = page_of(spot.place) + value;
    const i64 offset = static_cast<i64>(page - spot.place);
    if (fits_signed(offset, 21)) {
        store_insn(spot.bytes, with_adr(adrp_as_adr(insn), static_cast<u64>(offset)));
        return {};
    }
    const std::optional<CellPool::Scratch> veneer = cells.scratch();
    if (!veneer)
        return {FixupError::no_cell, 0};
    // The moved ADRP must not stand at such an offset either.
    const u64 start = (veneer->place & 0xff8) == 0xff8 ? 8 : 0;
    const u64 moved = veneer->place + start;
    const i64 there = static_cast<i64>(moved - spot.place);
    const u64 back = spot.place + 4 - (moved + 4);
    if (!fits_signed(there, 28) || !fits_signed(static_cast<i64>(back), 28))
        return {FixupError::out_of_range, there};
    const u64 moved_value = page - page_of(moved);
    if (!in_range(row, static_cast<i64>(moved_value)))
        return {FixupError::out_of_range, static_cast<i64>(moved_value)};
    std::byte* const code = veneer->bytes.subspan(static_cast<usize>(start), 8).data();
    store_insn(code, encode(row, insn, moved_value));
    store_insn(code + 4, with_branch26(insn_branch, back));
    store_insn(spot.bytes, with_branch26(insn_branch, static_cast<u64>(there)));
    return {};
}

const modlink::Relocator& relocator()
{
    return instance;
}

}  // namespace tenon::arch::arm64
