#pragma once

#include <span>
#include <string_view>

#include "kernel/lib/large_array.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include "module/elf/object_view.h"
#include "module/link/image.h"

namespace tenon::modlink {

// The symbol tables that the object may refer to: the kernel's exports and those of other modules.
class SymbolResolver {
public:
    // The address of `name`, whose elf::name_hash is `hash`. Called once per undefined symbol of the object. The implementation notes
    // by itself who provides the symbol (references, dependencies). `Errno::noent`: nobody defines it. Another error (a provider that is not
    // ready, a licence, a version) is final for the load, after the remaining names have been looked up.
    virtual Result<u64> resolve(std::string_view name, u32 hash) = 0;

protected:
    ~SymbolResolver() = default;
};

enum class BindingKind : u8 {
    defined,         // in a loaded section of the object, absolute, or provided by the resolver
    undefined_weak,  // nobody defines it and that is allowed; the meaning depends on the relocation
    absent,          // in a section that is not loaded: an error when it is referred to
};

struct BoundSymbol {
    u64 value = 0;
    BindingKind kind = BindingKind::absent;
};

// The value of every symbol of one object, indexed as its symbol table. Values and kinds stand apart: a relocation finds each by one load.
class BoundSymbols {
public:
    std::span<const u64> values() const { return {values_.get(), count_}; }
    std::span<const BindingKind> kinds() const { return {kinds_, count_}; }
    BoundSymbol operator[](u32 index) const { return {values()[index], kinds()[index]}; }

private:
    friend Result<BoundSymbols> resolve(const elf::ObjectView&, const SectionPlaces&, SymbolResolver&, elf::Diagnostics&);

    LargeArray<u64> values_;  // and the kinds behind them
    BindingKind* kinds_ = nullptr;
    u32 count_ = 0;
};

// Gives every symbol its value. Reports every unresolved symbol, then fails with Errno::noent; `noexec` for a symbol that is common,
// thread-local, an ifunc, or whose name or section index is not in its table.
Result<BoundSymbols> resolve(const elf::ObjectView& view, const SectionPlaces& places, SymbolResolver& resolver,
                             elf::Diagnostics& diagnostics);

}  // namespace tenon::modlink
