#pragma once

#include <memory>

#include "arch/arm64/reloc/insn.h"
#include "arch/arm64/reloc/rows.h"
#include "module/link/fixup_loop.h"

// The three steps of one relocation: the value by the row's formula, the check against its range, the store into its field. All of it is inlined
// where the row is a constant, so that nothing of the row is left at run time.

namespace tenon::arch::arm64 {

using modlink::CellPool;
using modlink::Fixup;
using modlink::FixupError;
using modlink::FixupOutcome;

constexpr u64 page_of(u64 address)
{
    return address & ~u64{0xfff};
}

// An undefined weak symbol is 0 in an absolute value, the next instruction for a branch, and the place in other relative values
// (AAELF64, "Weak references"); a GOT entry holds 0.
[[gnu::always_inline]] constexpr u64 symbol_value(const Row& row, const Fixup& fixup)
{
    if (!fixup.undefined_weak)
        return fixup.symbol;
    switch (row.formula) {
    case Formula::relative: {
        const bool branch = row.field == Field::branch26 || row.field == Field::word14 || row.type == 280;
        return fixup.place + (branch ? 4 : 0);
    }
    case Formula::page_relative: return fixup.place;
    default: return 0;
    }
}

[[gnu::always_inline]] constexpr bool in_range(const Row& row, i64 value)
{
    switch (row.range) {
    case Range::any: return true;
    case Range::two_sided: return fits_signed(value, row.bits + 1u);
    case Range::either: return fits_signed(value, row.bits) || fits_unsigned(static_cast<u64>(value), row.bits);
    case Range::positive: return fits_unsigned(static_cast<u64>(value), row.bits);
    }
    return false;
}

// The bits of X that must be zero.
constexpr u64 unscaled_bits(const Row& row)
{
    return row.scaled ? (u64{1} << row.shift) - 1 : 0;
}

constexpr bool needs_slot(const Row& row)
{
    return (static_cast<u8>(row.cell) & static_cast<u8>(modlink::Cell::slot)) != 0;
}

// X of the row's formula. `target` is S + A, or GDAT(S + A) for the formulas of GOT entries.
[[gnu::always_inline]] constexpr u64 formula_value(const Row& row, u64 target, u64 place, u64 got)
{
    switch (row.formula) {
    case Formula::no_value: return 0;
    case Formula::absolute:
    case Formula::slot_address: return target;
    case Formula::relative:
    case Formula::slot_relative: return target - place;
    case Formula::page_relative:
    case Formula::slot_page: return page_of(target) - page_of(place);
    case Formula::got_relative:
    case Formula::slot_offset: return target - got;
    case Formula::slot_page_offset: return target - page_of(got);
    }
    return 0;
}

// The instruction with X in its field.
[[gnu::always_inline]] constexpr u32 encode(const Row& row, u32 insn, u64 value)
{
    switch (row.field) {
    case Field::mov: return with_imm16(insn, value >> row.shift);
    case Field::mov_signed:
        return static_cast<i64>(value) < 0 ? with_imm16(as_movn(insn), ~value >> row.shift)
                                           : with_imm16(as_movz(insn), value >> row.shift);
    case Field::adr: return with_adr(insn, value);
    case Field::adrp: return with_adr(insn, value >> 12);
    case Field::imm12: return with_imm12(insn, (value & 0xfff) >> row.shift);
    case Field::got_imm12: return with_imm12(insn, value >> row.shift);
    case Field::word19: return with_word19(insn, value);
    case Field::word14: return with_word14(insn, value);
    case Field::branch26: return with_branch26(insn, value);
    case Field::no_field:
    case Field::data: break;
    }
    return insn;
}

// Instructions are aligned, so that one load and one store do; data need not be.
inline u32 load_insn(const std::byte* bytes)
{
    u32 insn;
    __builtin_memcpy(&insn, std::assume_aligned<4>(bytes), sizeof(insn));
    return insn;
}

inline void store_insn(std::byte* bytes, u32 insn)
{
    __builtin_memcpy(std::assume_aligned<4>(bytes), &insn, sizeof(insn));
}

template <typename T>
inline void store_data(std::byte* bytes, u64 value)
{
    const T data = static_cast<T>(value);
    if (is_aligned(reinterpret_cast<u64>(bytes), sizeof(T))) [[likely]]
        __builtin_memcpy(std::assume_aligned<sizeof(T)>(bytes), &data, sizeof(T));
    else
        __builtin_memcpy(bytes, &data, sizeof(T));
}

// The rare ways are out of line, and take by value what they need: a Fixup that nobody points to stays in registers.
struct Spot {
    u64 place;
    std::byte* bytes;
};

// A branch or PLT32 whose target is out of range: through a veneer when there is one in range.
[[gnu::cold]] FixupOutcome fix_far(const Row& row, Spot spot, u64 target, i64 value, CellPool& cells);

// An ADRP at one of the two offsets of Cortex-A53 erratum 843419.
[[gnu::cold]] FixupOutcome fix_erratum_843419(const Row& row, Spot spot, u64 value, CellPool& cells);

struct Machine {
    static constexpr auto& rows = arm64::rows;

    template <usize index>
    [[gnu::always_inline]] static inline FixupOutcome fix(const Fixup& fixup, CellPool& cells)
    {
        constexpr const Row& row = rows[index];
        if constexpr (row.field == Field::no_field)
            return {};
        constexpr u64 misplaced_bits = row.field == Field::data ? 0 : 3;
        const u64 misplaced = reinterpret_cast<u64>(fixup.bytes) & misplaced_bits;
        if (needs_slot(row) && misplaced != 0) [[unlikely]]
            return {FixupError::misaligned_place, 0};

        u64 target = symbol_value(row, fixup) + static_cast<u64>(fixup.addend);
        if constexpr (needs_slot(row)) {
            const std::optional<u64> slot = cells.slot_for(target);
            if (!slot)
                return {FixupError::no_cell, 0};
            target = *slot;
        }
        const u64 value = formula_value(row, target, fixup.place, cells.got());
        const i64 signed_value = static_cast<i64>(value);
        if ((misplaced | (value & unscaled_bits(row))) != 0) [[unlikely]]
            return misplaced != 0 ? FixupOutcome{FixupError::misaligned_place, 0} : FixupOutcome{FixupError::misaligned_value, signed_value};
        if (!in_range(row, signed_value)) [[unlikely]] {
            if constexpr (row.cell == modlink::Cell::stub)
                return fix_far(row, {fixup.place, fixup.bytes}, target, signed_value, cells);
            return {FixupError::out_of_range, signed_value};
        }
        if constexpr (row.field == Field::adrp)
            if ((fixup.place & 0xff8) == 0xff8 && cells.avoids_erratum_843419()) [[unlikely]]
                return fix_erratum_843419(row, {fixup.place, fixup.bytes}, value, cells);
        if constexpr (row.field == Field::data) {
            using Data = std::conditional_t<row.width == 8, u64, std::conditional_t<row.width == 4, u32, u16>>;
            store_data<Data>(fixup.bytes, value);
        } else {
            store_insn(fixup.bytes, encode(row, load_insn(fixup.bytes), value));
        }
        return {};
    }
};

}  // namespace tenon::arch::arm64
