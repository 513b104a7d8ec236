#pragma once

#include <array>
#include <bit>
#include <optional>
#include <utility>

#include "kernel/lib/bits.h"
#include "module/link/cell_pool.h"
#include "module/link/relocator.h"

// The loop over one section's relocations, which every machine shares: it decodes, checks bounds and resolves, and hands the machine a
// Fixup. It is a template so that the machine's part is compiled into it: a relocation costs about thirty instructions.

namespace tenon::modlink {

// One relocation, decoded, resolved and bounds-checked. P, S and A as the psABIs call them.
struct Fixup {
    u64 place;         // P: where the CPU will see it
    u64 symbol;        // S; 0 when undefined_weak
    i64 addend;        // A
    std::byte* bytes;  // where it is written
    u64 offset;        // of the place in its section: so many bytes may be looked at before `bytes`
    u64 symbol_size;   // Z
    bool undefined_weak;
    bool in_code;      // the section holds instructions
};

struct FixupOutcome {
    FixupError error = FixupError::none;
    i64 value = 0;  // what did not fit
};

// A Machine has
//   static constexpr std::array rows: one element per relocation type with members `type` and `width` (bytes at the place),
//   template <usize row> static FixupOutcome fix(const Fixup&, CellPool&): computes, checks, and only then stores.
template <typename Machine>
class FixupLoop {
public:
    static std::optional<Refusal> run(const FixupBatch& batch, CellPool& cells)
    {
        State state{batch, cells, {}};
        const elf::Rela* const begin = batch.entries.data();
        const elf::Rela* const end = begin + batch.entries.size();
        for (const elf::Rela* at = begin; at != end;) {
            const u32 type = at->type();
            const Runner runner = type < runners.size() ? runners[type] : nullptr;
            if (runner == nullptr) [[unlikely]]
                return Refusal{static_cast<usize>(at - begin), FixupError::unknown_type, type};
            at = runner(at, end, state);
            if (state.outcome.error != FixupError::none) [[unlikely]]
                return Refusal{static_cast<usize>(at - begin), state.outcome.error, state.outcome.value};
        }
        return std::nullopt;
    }

private:
    struct State {
        const FixupBatch& batch;
        CellPool& cells;
        FixupOutcome outcome;
    };

    // Applies entries as long as they are of one type; returns the first that it did not apply.
    using Runner = const elf::Rela* (*)(const elf::Rela* at, const elf::Rela* end, State& state);

    template <usize row>
    static const elf::Rela* run_of(const elf::Rela* at, const elf::Rela* end, State& state)
    {
        constexpr u32 type = Machine::rows[row].type;
        constexpr u64 width = Machine::rows[row].width;
        const FixupBatch batch = state.batch;
        CellPool& cells = state.cells;
        const u64 symbol_count = batch.values.size();
        const u64* const values = batch.values.data();
        const BindingKind* const kinds = batch.kinds.data();
        const u64 last = batch.bytes.size() >= width ? batch.bytes.size() - width : 0;
        if (batch.bytes.size() < width) [[unlikely]]
            return refuse(at, state, FixupError::outside_section);
        do {
            const u64 offset = at->offset;
            // The symbol's index when the type is the same; else a larger number than any.
            const u64 symbol = std::rotr(at->info, 32) ^ (u64{type} << 32);
            if (symbol >= symbol_count) [[unlikely]]
                return at->type() != type ? at : refuse(at, state, FixupError::bad_symbol);
            if (offset > last) [[unlikely]]
                return refuse(at, state, FixupError::outside_section);
            const Fixup fixup{.place = batch.place + offset,
                              .symbol = values[symbol],
                              .addend = at->addend,
                              .bytes = batch.bytes.data() + offset,
                              .offset = offset,
                              .symbol_size = batch.symbols.data()[symbol].size,
                              .undefined_weak = false,
                              .in_code = batch.executable};
            const BindingKind kind = kinds[symbol];
            const FixupOutcome outcome = kind == BindingKind::defined ? Machine::template fix<row>(fixup, cells)
                                                                      : without_definition<row>(fixup, kind, cells);
            if (outcome.error != FixupError::none) [[unlikely]] {
                state.outcome = outcome;
                return at;
            }
            ++at;
        } while (at != end);
        return at;
    }

    template <usize row>
    [[gnu::noinline, gnu::cold]] static FixupOutcome without_definition(Fixup fixup, BindingKind kind, CellPool& cells)
    {
        if (kind == BindingKind::absent)
            return {FixupError::absent_symbol, 0};
        fixup.undefined_weak = true;
        return Machine::template fix<row>(fixup, cells);
    }

    static const elf::Rela* refuse(const elf::Rela* at, State& state, FixupError error)
    {
        state.outcome = {error, 0};
        return at;
    }

    static constexpr usize type_limit()
    {
        u32 limit = 0;
        for (const auto& row : Machine::rows)
            limit = row.type >= limit ? row.type + 1 : limit;
        return limit;
    }

    template <usize... row>
    static constexpr auto make_runners(std::index_sequence<row...>)
    {
        std::array<Runner, type_limit()> table{};
        ((table[Machine::rows[row].type] = &run_of<row>), ...);
        return table;
    }

    static constexpr std::array<Runner, type_limit()> runners =
        make_runners(std::make_index_sequence<Machine::rows.size()>());
};

// Cells by type, from the rows' member `cell`.
template <typename Machine>
constexpr CellTable cell_table_of()
{
    CellTable table{};
    for (const auto& row : Machine::rows) {
        Cell& entry = table[static_cast<u8>(row.type)];
        entry = static_cast<Cell>(static_cast<u8>(entry) | static_cast<u8>(row.cell));
    }
    return table;
}

}  // namespace tenon::modlink
