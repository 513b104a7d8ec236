#include "module/link/resolve.h"

#include <new>

#include "module/elf/name_hash.h"
#include "module/elf/pieces.h"

namespace tenon::modlink {
namespace {

class Binder {
public:
    Binder(const elf::ObjectView& view, const SectionPlaces& places, SymbolResolver& resolver,
           elf::Diagnostics& diagnostics)
        : view_(view), places_(places.entries()), got_(places.got()), resolver_(resolver), diagnostics_(diagnostics)
    {
    }

    Result<> run(std::span<u64> values, std::span<BindingKind> kinds)
    {
        TRY(in_pieces(values, elf::entries_between_pauses, diagnostics_, [&](std::span<u64> piece) {
            return bind(values, kinds, static_cast<usize>(piece.data() - values.data()), piece.size());
        }));
        return failure_ ? fail(*failure_) : Result<>();
    }

private:
    Result<> bind(std::span<u64> values, std::span<BindingKind> kinds, usize first, usize count)
    {
        const std::span<const elf::Symbol> symbols = view_.symbols();
        const usize names_size = view_.symbol_strings().size();
        for (usize index = first; index < first + count; ++index) {
            const elf::Symbol& symbol = symbols[index];
            if (symbol.name >= names_size) [[unlikely]]
                return diagnostics_.fail(Errno::noexec, "symbol {}: name offset {} is outside the {} bytes of strings",
                                         index, symbol.name, names_size);
            if (symbol.type() >= elf::SymbolType::tls) [[unlikely]]
                return refuse(index, "its type is not supported");
            BoundSymbol bound;
            if (symbol.section - 1u < places_.size() - 1u)
                bound = in_section(symbol);
            else
                bound = TRY(special(static_cast<u32>(index)));
            values[index] = bound.value;
            kinds[index] = bound.kind;
        }
        return {};
    }

    BoundSymbol in_section(const elf::Symbol& symbol) const
    {
        const SectionPlaces::Entry& section = places_[symbol.section];
        if (!section.loaded) [[unlikely]]
            return {};
        return {section.place + symbol.value, BindingKind::defined};
    }

    Result<BoundSymbol> special(u32 index)
    {
        const elf::Symbol& symbol = view_.symbols()[index];
        switch (symbol.section) {
        case elf::index_undefined:
            if (index == 0)
                return BoundSymbol{0, BindingKind::defined};
            if (name_bytes_ > most_name_bytes())
                return refuse(index, "too many names share their bytes");
            return undefined(symbol);
        case elf::index_absolute: return BoundSymbol{symbol.value, BindingKind::defined};
        case elf::index_common: return refuse(index, "it is common: compile with -fno-common");
        default: return refuse(index, "its section index is outside the table");
        }
    }

    // Goes on after a miss, so that every one is reported.
    BoundSymbol undefined(const elf::Symbol& symbol)
    {
        const elf::HashedName hashed = elf::hashed_name(view_.symbol_strings().data() + symbol.name);
        name_bytes_ += hashed.name.size();
        const Result<u64> value = resolver_.resolve(hashed.name, hashed.hash);
        if (value)
            return {*value, BindingKind::defined};
        if (value.error() != Errno::noent) {
            failure_ = value.error();
            return {};
        }
        if (got_ && hashed.name == "_GLOBAL_OFFSET_TABLE_")
            return {*got_, BindingKind::defined};
        if (symbol.binding() == elf::SymbolBinding::weak)
            return {0, BindingKind::undefined_weak};
        diagnostics_.unresolved(hashed.name);
        failure_ = failure_.value_or(Errno::noent);
        return {};
    }

    // Names may share their ends. What compilers make stays far below this; beyond, looking them up is no longer work that the size of the
    // tables bounds.
    u64 most_name_bytes() const
    {
        constexpr u64 walks_per_byte = 16;
        return (view_.symbol_strings().size() + view_.symbols().size_bytes()) * walks_per_byte;
    }

    std::unexpected<Errno> refuse(usize index, std::string_view fault)
    {
        const elf::Symbol& symbol = view_.symbols()[index];
        return diagnostics_.fail(Errno::noexec, "symbol {} ({}): {} (section {}, type {})", index,
                                 view_.symbol_name(symbol), fault, symbol.section, symbol.type());
    }

    const elf::ObjectView& view_;
    std::span<const SectionPlaces::Entry> places_;
    std::optional<u64> got_;
    SymbolResolver& resolver_;
    elf::Diagnostics& diagnostics_;
    std::optional<Errno> failure_;
    u64 name_bytes_ = 0;  // of the names that have been looked up
};

}  // namespace

Result<BoundSymbols> resolve(const elf::ObjectView& view, const SectionPlaces& places, SymbolResolver& resolver,
                             elf::Diagnostics& diagnostics)
{
    BoundSymbols bound;
    bound.count_ = static_cast<u32>(view.symbols().size());
    bound.values_.reset(new (std::nothrow) u64[bound.count_ + (bound.count_ + sizeof(u64) - 1) / sizeof(u64)]);
    if (!bound.values_)
        return fail(Errno::nomem);
    bound.kinds_ = reinterpret_cast<BindingKind*>(bound.values_.get() + bound.count_);
    TRY(Binder(view, places, resolver, diagnostics).run({bound.values_.get(), bound.count_}, {bound.kinds_, bound.count_}));
    return bound;
}

}  // namespace tenon::modlink
