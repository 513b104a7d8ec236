#include "module/link/apply.h"

#include "module/elf/pieces.h"
#include "module/link/cell_pool.h"

namespace tenon::modlink {
namespace {

std::string_view sentence(FixupError error)
{
    switch (error) {
    case FixupError::none: return "applied";
    case FixupError::unknown_type: return "unsupported relocation type";
    case FixupError::bad_symbol: return "symbol index outside the symbol table";
    case FixupError::absent_symbol: return "refers to a section that is not loaded";
    case FixupError::outside_section: return "place outside its section";
    case FixupError::misaligned_place: return "place is not aligned";
    case FixupError::misaligned_value: return "value is not aligned";
    case FixupError::out_of_range: return "value";
    case FixupError::no_cell: return "no room for a veneer or GOT slot";
    }
    return "refused";
}

// "-0x80": hexadecimal with a sign, as people write ranges.
FixedText<24> signed_hexadecimal(i64 value)
{
    return FixedText<24>("{}{:#x}", value < 0 ? "-" : "", value < 0 ? 0 - static_cast<u64>(value) : static_cast<u64>(value));
}

class Applier {
public:
    Applier(const elf::ObjectView& view, const SectionPlaces& places, const BoundSymbols& symbols,
            const Relocator& relocator, elf::Diagnostics& diagnostics, AfterRefusal after)
        : view_(view), places_(places), symbols_(symbols), relocator_(relocator), diagnostics_(diagnostics),
          after_(after)
    {
    }

    Result<> run(u32 rela, CellPool& cells)
    {
        const u32 target = view_.section(rela).info;
        const elf::SectionHeader& section = view_.section(target);
        const SectionPlaces::Entry& place = places_[target];
        FixupBatch batch{.entries = view_.relocations(rela),
                         .values = symbols_.values(),
                         .kinds = symbols_.kinds(),
                         .symbols = view_.symbols(),
                         .place = place.place,
                         .bytes = {place.bytes, static_cast<usize>(section.size)},
                         .executable = section.executable()};
        Result<> result;
        TRY(in_pieces(batch.entries, elf::entries_between_pauses, diagnostics_, [&](std::span<const elf::Rela> piece) -> Result<> {
            batch.entries = piece;
            while (const std::optional<Refusal> refusal = relocator_.apply(batch, cells)) {
                result = report(batch.entries[refusal->index], target, *refusal);
                if (after_ == AfterRefusal::stop)
                    return result;
                batch.entries = batch.entries.subspan(refusal->index + 1);
            }
            return {};
        }));
        return result;
    }

private:
    std::unexpected<Errno> report(const elf::Rela& entry, u32 target, const Refusal& refusal)
    {
        const elf::Where where{view_.section_name(target), entry.offset, name_of(entry.symbol())};
        const std::optional<TypeDescription> type = relocator_.describe(entry.type());
        if (!type)
            return diagnostics_.fail_at(Errno::noexec, where, "{} {}", sentence(refusal.error), entry.type());
        switch (refusal.error) {
        case FixupError::out_of_range:
            return diagnostics_.fail_at(Errno::noexec, where, "{}: {} {} is not in [{}, {:#x}]", type->name, sentence(refusal.error),
                                        signed_hexadecimal(refusal.value).view(),
                                        signed_hexadecimal(type->minimum).view(), type->maximum);
        case FixupError::misaligned_value:
            return diagnostics_.fail_at(Errno::noexec, where, "{}: {}: {} is no multiple of {}", type->name,
                                        sentence(refusal.error), signed_hexadecimal(refusal.value).view(),
                                        type->value_alignment);
        default:
            return diagnostics_.fail_at(Errno::noexec, where, "{}: {}", type->name, sentence(refusal.error));
        }
    }

    // A section symbol has no name of its own.
    std::string_view name_of(u32 index) const
    {
        if (index >= view_.symbols().size())
            return {};
        const elf::Symbol& symbol = view_.symbols()[index];
        if (symbol.type() == elf::SymbolType::section && symbol.section < view_.sections().size())
            return view_.section_name(symbol.section);
        return view_.symbol_name(symbol);
    }

    const elf::ObjectView& view_;
    const SectionPlaces& places_;
    const BoundSymbols& symbols_;
    const Relocator& relocator_;
    elf::Diagnostics& diagnostics_;
    AfterRefusal after_;
};

}  // namespace

Result<> apply(const elf::ObjectView& view, const Layout& layout, const Image& image, const SectionPlaces& places,
               const BoundSymbols& symbols, const Relocator& relocator, elf::Diagnostics& diagnostics,
               AfterRefusal after)
{
    CellPool core(relocator, layout.options(), places.got());
    std::optional<CellPool> init;  // few objects need cells there
    if (layout.has_cells(Lifetime::core))
        TRY(core.claim(layout, image, Lifetime::core));
    if (layout.has_cells(Lifetime::init)) [[unlikely]]
        TRY(init.emplace(relocator, layout.options(), places.got()).claim(layout, image, Lifetime::init));
    Applier applier(view, places, symbols, relocator, diagnostics, after);
    Result<> result;
    TRY(layout.for_each_relocated(view, [&](u32 index, Region target) -> Result<> {
        const Result<> applied = applier.run(index, init && is_init(target) ? *init : core);
        if (!applied)
            result = applied;
        return after == AfterRefusal::stop ? result : Result<>();
    }));
    return result;
}

}  // namespace tenon::modlink
