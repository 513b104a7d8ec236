#pragma once

#include <algorithm>

#include "module/link/fixup_loop.h"

namespace tenon::modlink {

// What every relocator that is driven by a table of rows does alike. `Machine` is as FixupLoop wants it; `describe_row` says a row
// in words and limits.
template <typename Machine, auto describe_row>
class TableRelocator : public Relocator {
public:
    std::optional<TypeDescription> describe(u32 type) const override
    {
        const auto row = std::find_if(Machine::rows.begin(), Machine::rows.end(),
                                      [&](const auto& entry) { return entry.type == type; });
        return row != Machine::rows.end() ? std::optional(describe_row(*row)) : std::nullopt;
    }

    const CellTable& cells() const override
    {
        static constexpr CellTable table = cell_table_of<Machine>();
        return table;
    }

    std::optional<Refusal> apply(const FixupBatch& batch, CellPool& cells) const override
    {
        return FixupLoop<Machine>::run(batch, cells);
    }

protected:
    ~TableRelocator() = default;
};

}  // namespace tenon::modlink
