#include "module/link/cell_count.h"

#include <algorithm>
#include <new>

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

// Most objects need no cell at all: one quick walk over a section tells. Four entries at a time, as it touches every one.
u8 all_flags(std::span<const elf::Rela> entries, const CellTable& table)
{
    const auto cell = [&](const elf::Rela& entry) { return flags(table[entry.type() % cell_table_size]); };
    u32 all = 0;
    const elf::Rela* at = entries.data();
    const elf::Rela* const end = at + entries.size();
    for (; end - at >= 4; at += 4)
        all |= static_cast<u32>(cell(at[0])) | cell(at[1]) | cell(at[2]) | cell(at[3]);
    for (; at != end; ++at)
        all |= cell(*at);
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
    present &= wanted_;
    if (present == 0)
        return {};
    if (!seen_) {
        seen_.reset(new (std::nothrow) u8[view_.symbols().size()]());
        if (!seen_)
            return fail(Errno::nomem);
    }
    TRY(in_pieces(entries, entries_between_pauses, diagnostics_, [&](std::span<const elf::Rela> piece) -> Result<> {
        for (const elf::Rela& entry : piece)
            count(entry, table_[entry.type() % cell_table_size]);
        return {};
    }));
    if ((present & flags(Cell::page)) != 0)
        count_pages(rela);
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

// Two instructions of each 4 KiB page stand at the offsets in question; a section may begin anywhere in a page.
void CellCounter::count_pages(u32 rela)
{
    const elf::SectionHeader& section = view_.section(rela);
    const u64 pages = view_.section(section.info).size / 4096 + 2;
    const std::span<const elf::Rela> entries = view_.relocations(rela);
    const auto adrps = std::count_if(entries.begin(), entries.end(), [&](const elf::Rela& entry) {
        return (flags(table_[entry.type() % cell_table_size]) & flags(Cell::page)) != 0;
    });
    needs_.stubs += static_cast<u32>(std::min<u64>(static_cast<u64>(adrps), pages * 2));
}

}  // namespace tenon::modlink
