#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "kernel/lib/types.h"

// What the functions of arm64.S and x86.S must return. One list for each machine serves the programs that link and run them (runner.cpp)
// and the module that runs them in the kernel (tests/modules/relocations).

namespace tenon::test {

// What the object's references mean in one run.
class Environment {
public:
    virtual u64 address(std::string_view symbol) const = 0;

protected:
    ~Environment() = default;
};

// Where a function can run. In the kernel, code outside the object can be entered at the start of a function alone, and GOT entries stand with
// the constants of all modules, more than 1 MiB from the code.
enum class Where : u8 { everywhere, programs };

// A function of the object by name, the relocation types in it as the psABI calls them, less the machine's prefix, and what it must return.
struct ExecCase {
    std::string_view name;
    std::string_view types;
    u64 (*expected)(const Environment&);
    Where where = Where::everywhere;
};

struct ExecSuite {
    std::string_view prefix;  // of the types' names
    std::span<const ExecCase> cases;
    // Code that returns 41 when entered at its start and 55 at byte 8: `function` of the programs.
    std::span<const u8> outside_code;
};

const ExecSuite& arm64_suite();
const ExecSuite& x86_suite();

// The value of a symbol of absolute_symbols.inc.
std::optional<u64> absolute_symbol(std::string_view name);

}  // namespace tenon::test
