#include "tools/lib/modlink/session.h"

#include <algorithm>

#include "arch/arm64/reloc/relocator.h"
#include "arch/x86/reloc/relocator.h"
#include "module/link/apply.h"

namespace modlink {

using namespace tenon;
using tenon::modlink::RegionPlan;

Result<u64> FunctionResolver::resolve(std::string_view name, u32)
{
    const std::optional<std::uint64_t> address = options_.resolve ? options_.resolve(name) : std::nullopt;
    if (!address)
        return fail(Errno::noent);
    return *address;
}

elf::Source& Session::source()
{
    if (options_.in_pieces)
        return pieces_;
    return contiguous_;
}

Result<> Session::plan()
{
    view_ = TRY(elf::ObjectView::read(source(), collector_));
    switch (view_->machine()) {
    case elf::Machine::aarch64: output_.machine = Machine::aarch64; break;
    case elf::Machine::x86_64: output_.machine = Machine::x86_64; break;
    default: return collector_.fail(Errno::noexec, "ELF machine {} is not supported", view_->machine());
    }
    // The layout refuses an object for another machine than the relocator's.
    const bool for_arm64 = options_.machine.value_or(*output_.machine) == Machine::aarch64;
    relocator_ = for_arm64 ? &arch::arm64::relocator() : &arch::x86::relocator();
    using namespace tenon::modlink;
    const LayoutOptions options{
        .reach = options_.far ? Reach::far : Reach::near,
        .erratum = options_.avoid_erratum_843419 ? Erratum843419::avoid : Erratum843419::ignore,
    };
    layout_ = TRY(Layout::plan(*view_, *relocator_, options, collector_));
    describe_layout();
    return {};
}

Result<> Session::place_and_relocate()
{
    using namespace tenon::modlink;
    const SectionPlaces places = TRY(image_.place(*view_, *layout_, source(), memory_, collector_));
    for (Section& section : output_.sections)
        section.address = places[section.index].place;
    FunctionResolver resolver(options_);
    const BoundSymbols symbols = TRY(tenon::modlink::resolve(*view_, places, resolver, collector_));
    TRY(apply(*view_, *layout_, image_, places, symbols, *relocator_, collector_,
              options_.report_all ? AfterRefusal::report_all : AfterRefusal::stop));
    describe_symbols(symbols);
    return {};
}

void Session::describe_layout()
{
    for (const tenon::modlink::Region kind : tenon::modlink::all_regions) {
        const RegionPlan& plan = layout_->region(kind);
        if (plan.size == 0)
            continue;
        output_.regions.push_back({.kind = static_cast<RegionKind>(kind),
                                   .size = plan.size,
                                   .alignment = plan.alignment,
                                   .veneers = plan.stub_count,
                                   .slots = plan.slot_count,
                                   .cell_offset = std::max(plan.stub_offset, plan.slot_offset),
                                   .bytes = {}});
    }
    for (u32 index = 1; index < layout_->section_count(); ++index) {
        const elf::SectionHeader& section = view_->section(index);
        const tenon::modlink::SectionPlan& plan = layout_->section(index);
        Section entry{.name = std::string(view_->section_name(index)),
                      .index = index,
                      .size = section.size,
                      .alignment = section.alignment,
                      .offset = plan.offset,
                      .address = 0,
                      .region = std::nullopt};
        if (plan.region)
            entry.region = static_cast<RegionKind>(*plan.region);
        output_.sections.push_back(std::move(entry));
    }
}

void Session::describe_image()
{
    for (Region& region : output_.regions) {
        const auto& block = image_.block(static_cast<tenon::modlink::Region>(region.kind));
        if (!block)
            continue;
        region.address = block->place;
        region.bytes.assign(block->bytes.begin(), block->bytes.end());
    }
}

void Session::describe_symbols(const tenon::modlink::BoundSymbols& symbols)
{
    for (usize index = 1; index < view_->symbols().size(); ++index) {
        const elf::Symbol& symbol = view_->symbols()[index];
        const std::string_view name = view_->symbol_strings().data() + symbol.name;
        if (name.empty() || symbols[static_cast<u32>(index)].kind == tenon::modlink::BindingKind::absent)
            continue;
        output_.symbols.push_back({.name = std::string(name),
                                   .address = symbols[static_cast<u32>(index)].value,
                                   .size = symbol.size,
                                   .function = symbol.type() == elf::SymbolType::function,
                                   .undefined = symbol.undefined()});
    }
}

Output Session::finish(Result<> result)
{
    if (!result)
        output_.error = static_cast<int>(result.error());
    return std::move(output_);
}

Output Session::layout()
{
    return finish(plan());
}

Output Session::link()
{
    Result<> result = plan();
    if (result)
        result = place_and_relocate();
    describe_image();
    return finish(result);
}

}  // namespace modlink
