#pragma once

#include <algorithm>
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
    for (;;) {
        TRY(visit(items.first(std::min(items.size(), most))));  // the only call, so that it becomes a part of this loop
        if (items.size() <= most) [[likely]]
            return {};
        items = items.subspan(most);
        TRY(diagnostics.pause_point());
    }
}

}  // namespace tenon::elf
