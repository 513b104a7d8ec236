#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include "module/elf/object_view.h"
#include "module/link/region.h"

namespace tenon::modlink {

class Relocator;

// Whether every direct branch between the module's regions, the kernel and other modules is known to be in reach. With
// `near` no veneers are reserved and a branch out of range is an error; with `far` each branch target may get one.
enum class Reach : u8 { near, far };

// Cortex-A53 erratum 843419: `avoid` reserves room for the veneers that an ADRP at page offset 0xff8 or 0xffc may need.
enum class Erratum843419 : u8 { ignore, avoid };

struct LayoutOptions {
    Reach reach = Reach::near;
    Erratum843419 erratum = Erratum843419::ignore;
    // Spreads the cells' values over a hash table; odd. Chosen at random, it keeps a file from choosing values that meet. The result
    // of a link does not depend on it.
    u64 hash_key = 0x9e3779b97f4a7c15;
};

// One region: the sections first, then the cells that the linker itself adds.
struct RegionPlan {
    u64 size = 0;       // with cells; 0 means that the region is not needed
    u64 alignment = 1;  // power of two
    u64 stub_offset = 0;
    u32 stub_count = 0;  // room for veneers: executable regions only
    u64 slot_offset = 0;
    u32 slot_count = 0;  // room for GOT cells of 8 bytes: rodata and init_rodata only
};

struct SectionPlan {
    u64 offset = 0;  // in its region
    std::optional<Region> region;  // none: the section is not loaded
    u16 next = 0;  // of a loaded section: the next loaded one; of relocations: the next relocations; 0: none
};

// Which section goes where, computed without any address. Sections go by their flags; names that start with `.init.` and tables of
// constructors go to the init twin, `.data..ro_after_init` to ro_after_init; `.modinfo`, `__versions` and property notes are not loaded.
class Layout {
public:
    // Without sections; plan() fills it.
    explicit Layout(const LayoutOptions& options) : options_(options) {}

    // Refuses (Errno::noexec) sections that are writable and executable, thread-local or compressed, unknown types of allocated
    // sections, alignments that are no power of two or above 64 KiB, and regions beyond 2 GiB.
    static Result<Layout> plan(const elf::ObjectView& view, const Relocator& relocator, const LayoutOptions& options,
                               elf::Diagnostics& diagnostics);

    const RegionPlan& region(Region region) const { return regions_[index_of(region)]; }
    bool has_cells(Lifetime life) const
    {
        const bool init = life == Lifetime::init;
        return region(init ? Region::init_text : Region::text).stub_count != 0 ||
               region(init ? Region::init_rodata : Region::rodata).slot_count != 0;
    }
    const SectionPlan& section(u32 index) const { return sections_[index]; }
    u32 section_count() const { return section_count_; }
    // Of the loaded sections.
    u32 nonempty_count() const { return nonempty_count_; }
    // Whether one of them may hold functions that are to be called at the start or the end: arrays of functions, `.ctors`, `.dtors`.
    bool has_start_sections() const { return has_start_sections_; }
    // By the object's own word, its property note.
    LandingPads landing_pads() const { return landing_pads_; }
    const LayoutOptions& options() const { return options_; }

    // Calls Result<> visit(index, section, its plan) for every loaded section, until one fails.
    template <typename Visit>
    Result<> for_each_loaded(const elf::ObjectView& view, Visit&& visit) const
    {
        const elf::SectionHeader* const sections = view.sections().data();
        const SectionPlan* const plans = sections_.get();
        for (u32 index = first_loaded_; index != 0; index = plans[index].next)
            TRY(visit(index, sections[index], plans[index]));
        return {};
    }

    // Calls Result<> visit(index of a section of relocations, region of the section that they are for) for each whose target is
    // loaded, until one fails.
    template <typename Visit>
    Result<> for_each_relocated(const elf::ObjectView& view, Visit&& visit) const
    {
        const elf::SectionHeader* const sections = view.sections().data();
        const SectionPlan* const plans = sections_.get();
        for (u32 index = first_relocations_; index != 0; index = plans[index].next)
            if (const std::optional<Region> target = plans[sections[index].info].region)
                TRY(visit(index, *target));
        return {};
    }

private:
    friend class LayoutPlanner;

    std::array<RegionPlan, region_count> regions_{};
    std::unique_ptr<SectionPlan[]> sections_;
    u32 section_count_ = 0;
    u32 nonempty_count_ = 0;
    bool has_start_sections_ = false;
    LandingPads landing_pads_ = LandingPads::none;
    u16 first_loaded_ = 0;
    u16 first_relocations_ = 0;  // those with entries
    LayoutOptions options_;
};

}  // namespace tenon::modlink
