#include <algorithm>
#include <array>

#include "tests/exec/cases.h"

namespace tenon::test {

std::optional<u64> absolute_symbol(std::string_view name)
{
    struct Absolute {
        std::string_view name;
        u64 value;
    };
#define ABSOLUTE(name, value) Absolute{#name, value},
    static constexpr std::array symbols{
#include "tests/exec/absolute_symbols.inc"
    };
#undef ABSOLUTE
    const auto found = std::find_if(symbols.begin(), symbols.end(), [&](const Absolute& symbol) { return symbol.name == name; });
    return found != symbols.end() ? std::optional(found->value) : std::nullopt;
}

}  // namespace tenon::test
