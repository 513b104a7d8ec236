#include "module/link/layout.h"

#include <algorithm>
#include <new>

#include "kernel/lib/checked.h"
#include "module/elf/pieces.h"
#include "module/elf/program_property.h"
#include "module/link/layout_planner.h"

namespace tenon::modlink {
namespace {

constexpr u64 largest_alignment = 64 * 1024;
constexpr u64 largest_region = u64{1} << 31;
constexpr u64 slot_size = 8;

template <usize size>
bool begins_with(const char* name, const char (&prefix)[size])
{
    for (usize index = 0; index + 1 < size; ++index)
        if (name[index] != prefix[index])
            return false;
    return true;
}

// Read by the loader itself from the metadata; nothing of the module refers to them.
bool is_for_loader_only(const char* name)
{
    return begins_with(name, ".modinfo") || begins_with(name, "__versions");
}

// Constructors run once, before init: their table dies with it.
bool is_init_section(const elf::SectionHeader& section, const char* name)
{
    return begins_with(name, ".init.") || section.is(elf::SectionType::init_array) ||
           section.is(elf::SectionType::preinit_array);
}

Region region_of(const elf::SectionHeader& section, const char* name)
{
    const bool init = is_init_section(section, name);
    if (section.executable())
        return init ? Region::init_text : Region::text;
    if (!section.writable())
        return init ? Region::init_rodata : Region::rodata;
    if (init)
        return Region::init_data;
    return begins_with(name, ".data..ro_after_init") ? Region::ro_after_init : Region::data;
}

bool may_hold_start_functions(const elf::SectionHeader& section, const char* name)
{
    return section.is(elf::SectionType::init_array) || section.is(elf::SectionType::fini_array) || section.is(elf::SectionType::preinit_array) ||
           (name[0] == '.' && (name[1] == 'c' || name[1] == 'd') && name[2] == 't');
}

bool may_be_loaded(elf::SectionType type)
{
    switch (type) {
    case elf::SectionType::progbits:
    case elf::SectionType::nobits:
    case elf::SectionType::note:
    case elf::SectionType::init_array:
    case elf::SectionType::fini_array:
    case elf::SectionType::preinit_array:
    case elf::SectionType::x86_64_unwind: return true;
    default: return false;
    }
}

}  // namespace

Result<Layout> Layout::plan(const elf::ObjectView& view, const Relocator& relocator, const LayoutOptions& options,
                            elf::Diagnostics& diagnostics)
{
    Result<Layout> layout(std::in_place, options);
    if (const Result<> planned = LayoutPlanner(view, relocator, *layout, diagnostics).run(); !planned)
        layout = fail(planned.error());
    return layout;
}

bool LayoutPlanner::is_property_note(u32 index) const
{
    const std::byte* const properties = view_.properties().data();
    return properties != nullptr && view_.contents(index).data() == properties;
}

Result<> LayoutPlanner::check_section(u32 index, const elf::SectionHeader& section)
{
    std::string_view fault;
    if (!may_be_loaded(section.kind()))
        fault = "its type may not be loaded";
    else if (section.writable() && section.executable())
        fault = "it is writable and executable";
    else if ((section.flags & elf::section_tls) != 0)
        fault = "it is thread-local";
    else if ((section.flags & elf::section_compressed) != 0)
        fault = "it is compressed";
    else if ((section.alignment & (section.alignment - 1)) != 0 || section.alignment > largest_alignment)
        fault = "its alignment is not supported";
    else
        return {};
    return diagnostics_.fail(Errno::noexec, "section {} ({}): {} (type {:#x}, flags {:#x}, alignment {:#x})", index,
                             view_.section_name(index), fault, section.type, section.flags, section.alignment);
}

Result<> LayoutPlanner::place_section(u32 index, const elf::SectionHeader& section, const char* name, SectionPlan& plan)
{
    if (is_for_loader_only(name) || (section.is(elf::SectionType::note) && is_property_note(index)))
        return {};
    TRY(check_section(index, section));
    const Region region = region_of(section, name);
    const auto offset = append(layout_.regions_[index_of(region)], section.size, std::max<u64>(section.alignment, 1));
    if (!offset)
        return diagnostics_.fail(offset.error(), "section {} ({}): region {} grows beyond {:#x} bytes", index, name,
                                 region_name(region), largest_region);
    plan.offset = *offset;
    plan.region = region;
    layout_.nonempty_count_ += section.size != 0;
    layout_.has_start_sections_ |= may_hold_start_functions(section, name);
    return {};
}

Result<> LayoutPlanner::run()
{
    if (view_.machine() != relocator_.machine())
        return diagnostics_.fail(Errno::noexec, "made for another machine (ELF machine {} instead of {})",
                                 view_.machine(), relocator_.machine());
    layout_.section_count_ = static_cast<u32>(view_.sections().size());
    layout_.sections_.reset(new (std::nothrow) SectionPlan[layout_.section_count_]);
    if (!layout_.sections_)
        return fail(Errno::nomem);
    u16* loaded_link = &layout_.first_loaded_;
    u16* relocations_link = &layout_.first_relocations_;
    u32 index = 0;
    SectionPlan* plan = layout_.sections_.get();
    const auto append_to = [&](u16*& link) {
        *link = static_cast<u16>(index);
        link = &plan->next;
    };
    const auto place_piece = [&](std::span<const elf::SectionHeader> piece) -> Result<> {
        for (const elf::SectionHeader& section : piece) {
            ++index;
            ++plan;
            if (section.allocated())
                TRY(place_section(index, section, view_.name_of(section), *plan));
            if (plan->region)
                append_to(loaded_link);
            else if (section.relocates() && section.size != 0)
                append_to(relocations_link);
        }
        return {};
    };
    TRY(elf::in_pieces(view_.sections().subspan(1), elf::entries_between_pauses, diagnostics_, place_piece));
    if (elf::has_features(view_.properties(), relocator_.landing_pad_property(), 1))
        layout_.landing_pads_ = LandingPads::everywhere;
    return reserve_cells();
}

// Where [size] more bytes begin in the region.
Result<u64> LayoutPlanner::append(RegionPlan& region, u64 size, u64 alignment)
{
    const u64 offset = align_up(region.size, alignment);
    if (!range_fits(offset, size, largest_region))
        return fail(Errno::noexec);
    region.size = offset + size;
    region.alignment = std::max(region.alignment, alignment);
    return offset;
}

Result<> LayoutPlanner::reserve_cells()
{
    CellCounter core(view_, relocator_, layout_.options_, diagnostics_);
    std::optional<CellCounter> init;
    TRY(layout_.for_each_relocated(view_, [&](u32 index, Region target) {
        if (!is_init(target))
            return core.add(index);
        if (!init)
            init.emplace(view_, relocator_, layout_.options_, diagnostics_);
        return init->add(index);
    }));
    TRY(reserve(Region::text, Region::rodata, core.needs()));
    return init ? reserve(Region::init_text, Region::init_rodata, init->needs()) : Result<>();
}

Result<> LayoutPlanner::reserve(Region text, Region rodata, const CellNeeds& needs)
{
    if (needs.stubs == 0 && needs.slots == 0) [[likely]]
        return {};
    RegionPlan& code = layout_.regions_[index_of(text)];
    RegionPlan& table = layout_.regions_[index_of(rodata)];
    code.stub_count = needs.stubs;
    table.slot_count = needs.slots;
    if (needs.stubs != 0)
        code.stub_offset = TRY(append(code, u64{needs.stubs} * relocator_.stub_size(), relocator_.stub_alignment()));
    if (needs.slots != 0)
        table.slot_offset = TRY(append(table, needs.slots * slot_size, slot_size));
    return {};
}

}  // namespace tenon::modlink
