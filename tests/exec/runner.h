#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <modlink/modlink.h>

#include "kernel/lib/types.h"

namespace tenon::test {

// What the object's references mean in one run.
class Environment {
public:
    virtual u64 address(std::string_view symbol) const = 0;

protected:
    ~Environment() = default;
};

// A function of the object by name and what it must return.
struct ExecCase {
    const char* name;
    u64 (*expected)(const Environment&);
};

// A relocation whose type the assembler cannot spell: the one at this label gets it before the link.
struct Retyped {
    const char* label;
    u32 type;
};

// The parts that each machine defines in cases_<machine>.cpp.
std::span<const ExecCase> exec_cases();
std::span<const Retyped> retyped();
// Code that returns 41 when entered at its start and 55 at byte 8.
std::span<const u8> outside_code();

// Values of the absolute symbols, the same for both machines.
std::optional<u64> absolute_symbol(std::string_view name);

}  // namespace tenon::test
