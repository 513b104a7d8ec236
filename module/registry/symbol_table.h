#pragma once

#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include <tenon/module_header.h>

namespace tenon::modreg {

// Every symbol that a module may refer to: the kernel's (owner null) and the modules'. A hash table whose chains run
// through the symbols themselves, so that it allocates nothing per symbol, and with at least as many buckets as
// symbols, so that a lookup is one probe however many modules there are, and a few at most whatever their names. The caller serialises.
class SymbolTable : NoCopy {
public:
    // Makes room for `more` symbols; insert() cannot fail then. Errno::nomem.
    Result<> reserve(usize more);

    // Enters a symbol, whose hash is set and which lives until it is removed: null. Or the one of the same name that is there already;
    // or nothing when more symbols have this hash than chance gives: then somebody has made the names so. Nothing has changed then.
    std::optional<const ExportedSymbol*> insert(ExportedSymbol& symbol)
    {
        expect(size_ < bucket_count_, "no room was reserved in the symbol table");
        ExportedSymbol*& first = bucket(symbol.hash);
        unsigned length = 0;
        for (const ExportedSymbol* other = first; other != nullptr; other = other->next, ++length)
            if (other->hash == symbol.hash && std::strcmp(other->name, symbol.name) == 0)
                return other;
        if (length >= longest_chain)
            return std::nullopt;
        symbol.next = std::exchange(first, &symbol);
        ++size_;
        return nullptr;
    }
    void remove(ExportedSymbol& symbol);

    // Null when there is none.
    const ExportedSymbol* find(std::string_view name, u32 hash) const;

    usize size() const { return size_; }

    // Calls visit(symbol) for each, in no particular order.
    template <typename Visit>
    void for_each(Visit&& visit) const
    {
        for (usize bucket = 0; bucket < bucket_count_; ++bucket)
            for (const ExportedSymbol* symbol = buckets_[bucket]; symbol != nullptr; symbol = symbol->next)
                visit(*symbol);
    }

private:
    // With as many buckets as symbols, a chain of names that nobody has chosen for it is as long once in 10^13.
    static constexpr unsigned longest_chain = 16;

    ExportedSymbol*& bucket(u32 hash) const { return buckets_.get()[hash & (bucket_count_ - 1)]; }

    std::unique_ptr<ExportedSymbol*[]> buckets_;
    usize bucket_count_ = 0;  // a power of two, or 0
    usize size_ = 0;
};

}  // namespace tenon::modreg
