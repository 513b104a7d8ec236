#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "kernel/lib/types.h"
#include "module/elf/format.h"
#include "module/link/layout.h"
#include "module/link/resolve.h"

namespace tenon::modlink {

class CellPool;

// What a relocation type may need besides its place, as a set of flags.
enum class Cell : u8 {
    none = 0,
    stub = 1,    // a branch: code that jumps to its target
    slot = 2,    // a GOT entry: 8 bytes that hold an address
    page = 4,    // an ADRP, which erratum 843419 may send through a veneer
    slot_and_page = slot | page,
    got_base = 8,  // the address of the GOT, which must then exist
};

// Indexed by the lowest byte of a relocation type: a quick bound before layout, where a collision only reserves too much.
using CellTable = std::array<Cell, 256>;

// Why a fixup was refused.
enum class FixupError : u8 {
    none,
    unknown_type,
    bad_symbol,       // symbol index outside the table
    absent_symbol,    // symbol in a section that is not loaded
    outside_section,  // the place is not inside the section
    misaligned_place, // an instruction that does not start at its alignment
    misaligned_value, // bits would be lost that the field does not hold
    out_of_range,
    no_cell,          // the layout reserved no veneer or slot for it
};

// One section's relocations and everything that they are computed from. The relocator reads no other table.
struct FixupBatch {
    std::span<const elf::Rela> entries;
    std::span<const u64> values;          // by symbol; `kinds` and `symbols` have as many elements
    std::span<const BindingKind> kinds;
    std::span<const elf::Symbol> symbols;  // for the types that use the size of a symbol
    u64 place = 0;                         // of the section, as the CPU will see it
    std::span<std::byte> bytes;            // the section, where it may be written
    bool executable = true;                // the section holds instructions
};

// The first fixup that was refused. `value` is what did not fit.
struct Refusal {
    usize index = 0;
    FixupError error = FixupError::none;
    i64 value = 0;
};

// What the psABI says of one relocation type, for messages and tools.
struct TypeDescription {
    std::string_view name;     // as the psABI spells it
    std::string_view formula;  // "S + A - P"
    u32 width = 0;             // bytes at the place
    i64 minimum = 0;           // range of the formula's value
    u64 maximum = 0;
    u32 value_alignment = 1;
};

// The part of the linker that knows a machine. It computes, checks and stores; it looks nothing up and allocates nothing.
// Instances are constant; every method may be called from any context.
class Relocator {
public:
    virtual elf::Machine machine() const = 0;

    // Nothing for a type that is not supported.
    virtual std::optional<TypeDescription> describe(u32 type) const = 0;

    // Which types may need a cell, to size the cell areas before anything is placed.
    virtual const CellTable& cells() const = 0;

    // The addend of a reference to a symbol itself through a cell; others with the same symbol may need cells of their own.
    virtual i64 cell_addend() const = 0;

    // Applies the entries in order until one is refused; a refused one has changed no byte.
    virtual std::optional<Refusal> apply(const FixupBatch& batch, CellPool& cells) const = 0;

    virtual u32 stub_size() const = 0;
    virtual u32 stub_alignment() const = 0;
    // Code of stub_size() bytes at `place` that goes on at `target`, wherever that is.
    virtual void write_stub(std::span<std::byte> bytes, u64 place, u64 target) const = 0;

    // The type of the program property (elf::has_features) whose lowest feature is that the code has landing pads for indirect branches.
    virtual u32 landing_pad_property() const = 0;

    // What free executable memory is filled with: an instruction that traps, as it is repeated in memory (4 bytes).
    virtual u32 trap_pattern() const = 0;

protected:
    ~Relocator() = default;
};

}  // namespace tenon::modlink
