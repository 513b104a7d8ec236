#include "module/registry/symbol_table.h"

#include <algorithm>
#include <bit>
#include <new>

namespace tenon::modreg {

Result<> SymbolTable::reserve(usize more)
{
    constexpr usize smallest = 64;
    const usize wanted = std::bit_ceil(std::max(size_ + more, smallest));
    if (wanted <= bucket_count_)
        return {};
    std::unique_ptr<ExportedSymbol*[]> buckets(new (std::nothrow) ExportedSymbol*[wanted]());
    if (!buckets)
        return fail(Errno::nomem);
    std::swap(buckets_, buckets);
    const usize old_count = std::exchange(bucket_count_, wanted);
    for (usize index = 0; index < old_count; ++index)
        for (ExportedSymbol* symbol = buckets[index]; symbol != nullptr;) {
            ExportedSymbol* const next = symbol->next;
            symbol->next = std::exchange(bucket(symbol->hash), symbol);
            symbol = next;
        }
    return {};
}

void SymbolTable::remove(ExportedSymbol& symbol)
{
    ExportedSymbol** link = &bucket(symbol.hash);
    while (*link != &symbol) {
        expect(*link != nullptr, "a symbol to be removed is not in the table");
        link = &(*link)->next;
    }
    *link = std::exchange(symbol.next, nullptr);
    --size_;
}

const ExportedSymbol* SymbolTable::find(std::string_view name, u32 hash) const
{
    if (bucket_count_ == 0)
        return nullptr;
    for (const ExportedSymbol* symbol = bucket(hash); symbol != nullptr; symbol = symbol->next)
        if (symbol->hash == hash && name == symbol->name)
            return symbol;
    return nullptr;
}

}  // namespace tenon::modreg
