#include "module/link/resolve.h"

#include <algorithm>

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
        const elf::Symbol* symbol = view_.symbols().subspan(first, count).data();
        u64* const values_of = values.subspan(first, count).data();
        BindingKind* const kinds_of = kinds.subspan(first, count).data();
        const SectionPlaces::Entry* const places = places_.data();
        const usize section_count = places_.size();
        const usize names_size = view_.symbol_strings().size();
        for (usize index = 0; index != count; ++index, ++symbol) {
            if (symbol->name >= names_size) [[unlikely]]
                return diagnostics_.fail(Errno::noexec, "symbol {}: name offset {} is outside the {} bytes of strings",
                                         first + index, symbol->name, names_size);
            if (symbol->type() >= elf::SymbolType::tls) [[unlikely]]
                return refuse(*symbol, "its type is not supported");
            // Section 0, for symbols that are not defined, is never loaded.
            if (symbol->section < section_count && places[symbol->section].loaded) [[likely]] {
                values_of[index] = places[symbol->section].place + symbol->value;
                kinds_of[index] = BindingKind::defined;
            } else {
                const BoundSymbol bound = TRY(special(*symbol));
                values_of[index] = bound.value;
                kinds_of[index] = bound.kind;
            }
        }
        return {};
    }

    [[gnu::noinline]] Result<BoundSymbol> special(const elf::Symbol& symbol)
    {
        switch (symbol.section) {
        case elf::index_undefined:
            if (index_of(symbol) == 0)
                return BoundSymbol{0, BindingKind::defined};
            return undefined(symbol);
        case elf::index_absolute: return BoundSymbol{symbol.value, BindingKind::defined};
        case elf::index_common: return refuse(symbol, "it is common: compile with -fno-common");
        default: break;
        }
        if (symbol.section < places_.size())
            return BoundSymbol{};
        return refuse(symbol, "its section index is outside the table");
    }

    usize index_of(const elf::Symbol& symbol) const { return static_cast<usize>(&symbol - view_.symbols().data()); }

    // Goes on after a miss, so that every one is reported.
    Result<BoundSymbol> undefined(const elf::Symbol& symbol)
    {
        const std::span<const char> start = view_.symbol_strings().subspan(symbol.name);
        const auto hashed = elf::hashed_name(start.data(), std::min(start.size(), elf::longest_name));
        if (!hashed)
            return refuse(symbol, "its name is too long");
        TRY(pay(symbol, hashed->name.size() + 1));
        const Result<u64> value = resolver_.resolve(hashed->name, hashed->hash);
        if (value)
            return BoundSymbol{*value, BindingKind::defined};
        if (value.error() != Errno::noent) {
            failure_ = value.error();
            return BoundSymbol{};
        }
        if (got_ && hashed->name == "_GLOBAL_OFFSET_TABLE_")
            return BoundSymbol{*got_, BindingKind::defined};
        if (symbol.binding() == elf::SymbolBinding::weak)
            return BoundSymbol{0, BindingKind::undefined_weak};
        diagnostics_.unresolved(hashed->name);
        failure_ = failure_.value_or(Errno::noent);
        return BoundSymbol{};
    }

    // Names may share their ends. What compilers make stays far below this; beyond, looking them up is no longer work that the size of the
    // tables bounds.
    Result<> pay(const elf::Symbol& symbol, usize bytes)
    {
        constexpr u64 walks_per_byte = 16;
        name_bytes_ += bytes;
        if (name_bytes_ > (view_.symbol_strings().size() + view_.symbols().size_bytes()) * walks_per_byte)
            return refuse(symbol, "too many names share their bytes");
        if (name_bytes_ - name_bytes_at_pause_ < elf::bytes_between_pauses) [[likely]]
            return {};
        name_bytes_at_pause_ = name_bytes_;
        return diagnostics_.pause_point();
    }

    std::unexpected<Errno> refuse(const elf::Symbol& symbol, std::string_view fault)
    {
        return diagnostics_.fail(Errno::noexec, "symbol {} ({}): {} (section {}, type {})", index_of(symbol),
                                 view_.symbol_name(symbol), fault, symbol.section, symbol.type());
    }

    const elf::ObjectView& view_;
    std::span<const SectionPlaces::Entry> places_;
    std::optional<u64> got_;
    SymbolResolver& resolver_;
    elf::Diagnostics& diagnostics_;
    std::optional<Errno> failure_;
    u64 name_bytes_ = 0;  // of the names that have been looked up
    u64 name_bytes_at_pause_ = 0;
};

}  // namespace

Result<BoundSymbols> resolve(const elf::ObjectView& view, const SectionPlaces& places, SymbolResolver& resolver,
                             elf::Diagnostics& diagnostics)
{
    BoundSymbols bound;
    bound.count_ = static_cast<u32>(view.symbols().size());
    bound.values_ = make_large_array<u64>(bound.count_ + (bound.count_ + sizeof(u64) - 1) / sizeof(u64));
    if (!bound.values_)
        return fail(Errno::nomem);
    bound.kinds_ = reinterpret_cast<BindingKind*>(bound.values_.get() + bound.count_);
    TRY(Binder(view, places, resolver, diagnostics).run({bound.values_.get(), bound.count_}, {bound.kinds_, bound.count_}));
    return bound;
}

}  // namespace tenon::modlink
