#pragma once

#include <string_view>

#include "kernel/lib/types.h"

namespace tenon::tools {

// The hash by which kmod's modules.symbols is ordered: Paul Hsieh's SuperFastHash, seeded with the length, over characters as
// they are in a signed `char` (that shows in the last byte of a name whose length is no multiple of 4).
u32 kmod_symbol_hash(std::string_view name);

}  // namespace tenon::tools
