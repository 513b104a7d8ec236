#pragma once

#include <cstdint>
#include <istream>
#include <sstream>
#include <string>

// A line of `readelf -sW`.
struct SymbolLine {
    std::uint64_t address = 0;
    std::string type, binding, visibility, section, name;
};

// Calls visit(line) for each symbol that has a name; headings are passed over.
template <typename Visit>
void for_each_symbol(std::istream& input, Visit&& visit)
{
    for (std::string line; std::getline(input, line);) {
        std::istringstream fields(line);
        std::string number, size;
        SymbolLine symbol;
        if (fields >> number >> std::hex >> symbol.address >> size >> symbol.type >> symbol.binding >> symbol.visibility >> symbol.section >>
            symbol.name)
            visit(symbol);
    }
}
