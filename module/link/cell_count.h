#pragma once

#include "kernel/lib/result.h"
#include "module/elf/object_view.h"
#include "module/link/layout.h"
#include "module/link/relocator.h"

namespace tenon::modlink {

struct CellNeeds {
    u32 stubs = 0;
    u32 slots = 0;
};

// An upper bound of the cells that the relocations of one life time (core or init) need. Feeding it section by section, it
// counts each pair of symbol and cell kind once, and each reference with another addend than the relocator's cell_addend() for itself.
class CellCounter {
public:
    CellCounter(const elf::ObjectView& view, const Relocator& relocator, const LayoutOptions& options,
                elf::Diagnostics& diagnostics);

    // `rela` is the index of a relocation section. `Errno::nomem` when the set of symbols seen cannot be had.
    Result<> add(u32 rela);
    const CellNeeds& needs() const { return needs_; }

private:
    Result<> count_all(u32 rela, u8 present);
    void count(const elf::Rela& entry, Cell cell);
    bool is_first(u32 symbol, Cell cell);

    const elf::ObjectView& view_;
    elf::Diagnostics& diagnostics_;
    const CellTable& table_;
    i64 cell_addend_;
    u8 wanted_;                    // the flags of Cell that matter under these options
    LargeArray<u8> seen_;  // flags of Cell by symbol
    CellNeeds needs_;
};

}  // namespace tenon::modlink
