#pragma once

#include <span>

#include "kernel/lib/result.h"
#include "module/elf/diagnostics.h"

namespace tenon::elf {

// So many entries of a table (symbols, relocations, exports) may be dealt with between two pause points, or so many bytes copied.
inline constexpr usize entries_between_pauses = 8 * 1024;
inline constexpr usize bytes_between_pauses = 256 * 1024;

// Calls Result<> visit(piece) for one piece of `items` after the other, each of at most `most` of them, with a pause point between two;
// once with nothing when there are none.
template <typename T, typename Visit>
[[gnu::always_inline]] inline Result<> in_pieces(std::span<T> items, usize most, Diagnostics& diagnostics, Visit&& visit)
{
    for (; items.size() > most; items = items.subspan(most)) {
        TRY(visit(items.first(most)));
        TRY(diagnostics.pause_point());
    }
    return visit(items);
}

}  // namespace tenon::elf
