#pragma once

#include "module/link/cell_count.h"
#include "module/link/layout.h"
#include "module/link/relocator.h"

namespace tenon::modlink {

// Fills an empty Layout. Used by Layout::plan alone.
class LayoutPlanner {
public:
    LayoutPlanner(const elf::ObjectView& view, const Relocator& relocator, Layout& layout, elf::Diagnostics& diagnostics)
        : view_(view), relocator_(relocator), diagnostics_(diagnostics), layout_(layout)
    {
    }

    Result<> run();

private:
    // These for run() alone.
    [[gnu::always_inline]] inline bool is_property_note(u32 index) const;
    [[gnu::always_inline]] inline Result<> place_section(u32 index, const elf::SectionHeader& section, const char* name, SectionPlan& plan);
    [[gnu::always_inline]] inline Result<> check_section(u32 index, const elf::SectionHeader& section);
    Result<> reserve_cells();
    Result<> reserve(Region text, Region rodata, const CellNeeds& needs);
    Result<u64> append(RegionPlan& region, u64 size, u64 alignment);

    const elf::ObjectView& view_;
    const Relocator& relocator_;
    elf::Diagnostics& diagnostics_;
    Layout& layout_;
};

}  // namespace tenon::modlink
