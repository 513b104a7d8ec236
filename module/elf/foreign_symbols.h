#pragma once

#include <algorithm>
#include <array>

#include "kernel/lib/types.h"

// What the symbol tables of machines that we do not link for have beyond the generic ABI, as far as a tool that reads their modules must
// know. All of it stands here.

namespace tenon::elf {

struct ForeignSymbolType {
    u16 machine;  // e_machine
    u8 type;      // of the processor's range, STT_LOPROC to STT_HIPROC
};

// Undefined symbols of these types refer to nothing: STT_REGISTER declares the use of a global register (SPARC Compliance Definition 2.4,
// "Symbol table"), of both the 32-bit and the 64-bit machine.
inline constexpr std::array<ForeignSymbolType, 2> types_without_reference = {{{2, 13}, {43, 13}}};

constexpr bool is_no_reference(u16 machine, u8 type)
{
    return std::any_of(types_without_reference.begin(), types_without_reference.end(),
                       [&](const ForeignSymbolType& known) { return known.machine == machine && known.type == type; });
}

}  // namespace tenon::elf
