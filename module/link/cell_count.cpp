#include "module/link/cell_count.h"

#include <algorithm>
#include <cstring>

#include "module/elf/pieces.h"

namespace tenon::modlink {
namespace {

using elf::entries_between_pauses;

constexpr u8 flags(Cell cell)
{
    return static_cast<u8>(cell);
}

u8 wanted_flags(const LayoutOptions& options)
{
    u8 wanted = flags(Cell::slot) | flags(Cell::got_base);
    if (options.reach == Reach::far)
        wanted |= flags(Cell::stub);
    if (options.erratum == Erratum843419::avoid)
        wanted |= flags(Cell::page);
    return wanted;
}

// Most objects need no cell at all: one quick walk over a section tells. Several entries at a time, as it touches every one.
u8 all_flags(std::span<const elf::Rela> entries, const CellTable& table)
{
    constexpr usize step = 8;
    const Cell* const cells = table.data();
    u32 all = 0;
    const elf::Rela* at = entries.data();
    for (usize left = entries.size() / step; left != 0; --left, at += step)
#pragma GCC unroll 8
        for (usize index = 0; index < step; ++index)
            all |= flags(cells[static_cast<u8>(at[index].info)]);
    for (usize left = entries.size() % step; left != 0; --left, ++at)
        all |= flags(cells[static_cast<u8>(at->info)]);
    return static_cast<u8>(all);
}

}  // namespace

CellCounter::CellCounter(const elf::ObjectView& view, const Relocator& relocator, const LayoutOptions& options,
                         elf::Diagnostics& diagnostics)
    : view_(view), diagnostics_(diagnostics), table_(relocator.cells()), cell_addend_(relocator.cell_addend()), wanted_(wanted_flags(options))
{
}

Result<> CellCounter::add(u32 rela)
{
    const std::span<const elf::Rela> entries = view_.relocations(rela);
    u8 present = 0;
    TRY(in_pieces(entries, entries_between_pauses, diagnostics_, [&](std::span<const elf::Rela> piece) -> Result<> {
        present |= all_flags(piece, table_);
        return {};
    }));
    return (present & wanted_) == 0 ? Result<>() : count_all(rela, present & wanted_);
}

Result<> CellCounter::count_all(u32 rela, u8 present)
{
    const std::span<const elf::Rela> entries = view_.relocations(rela);
    if (!seen_) {
        seen_ = make_large_array<u8>(view_.symbols().size());
        if (!seen_)
            return fail(Errno::nomem);
        std::memset(seen_.get(), 0, view_.symbols().size());
    }
    u64 adrps = 0;
    TRY(in_pieces(entries, entries_between_pauses, diagnostics_, [&](std::span<const elf::Rela> piece) -> Result<> {
        for (const elf::Rela& entry : piece) {
            const Cell cell = table_[static_cast<u8>(entry.info)];
            count(entry, cell);
            adrps += (flags(cell) & wanted_ & flags(Cell::page)) != 0;
        }
        return {};
    }));
    // Two instructions of each 4 KiB page stand at the offsets in question; a section may begin anywhere in a page.
    const u64 pages = view_.section(view_.section(rela).info).size / 4096 + 2;
    needs_.stubs += static_cast<u32>(std::min(adrps, pages * 2));
    if ((present & flags(Cell::got_base)) != 0)
        needs_.slots = std::max(needs_.slots, 1u);
    return {};
}

void CellCounter::count(const elf::Rela& entry, Cell cell)
{
    const u8 kind = flags(cell) & wanted_;
    const bool shares = entry.addend == cell_addend_;
    if ((kind & flags(Cell::stub)) != 0)
        needs_.stubs += !shares || is_first(entry.symbol(), Cell::stub);
    if ((kind & flags(Cell::slot)) != 0)
        needs_.slots += !shares || is_first(entry.symbol(), Cell::slot);
}

// A symbol index outside the table is refused when the entry is applied.
bool CellCounter::is_first(u32 symbol, Cell cell)
{
    if (symbol >= view_.symbols().size())
        return false;
    const bool first = (seen_[symbol] & flags(cell)) == 0;
    seen_[symbol] |= flags(cell);
    return first;
}

}  // namespace tenon::modlink
