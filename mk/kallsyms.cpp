// Turns `nm -n` lines into the kernel's own symbol table, as assembly. Layout, in section .kallsyms:
//   kallsyms_count        u32, the number of symbols
//   kallsyms_offsets      u32 each, address minus kernel_start, ascending
//   kallsyms_types        one nm letter each
//   kallsyms_name_offsets u32 each, into kallsyms_names
//   kallsyms_names        NUL-terminated names
// An empty input gives an empty table. The symbols of the generated tables are left out, so that its size does not depend
// on where it is.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Symbol {
    std::uint64_t address;
    char type;
    std::string name;
};

bool is_wanted(const Symbol& symbol)
{
    constexpr std::string_view types = "tTrRdDbBwWvVu";
    const std::string_view name = symbol.name;
    return types.find(symbol.type) != types.npos && !name.empty() && name[0] != '$' &&
           !name.starts_with(".L") && !name.starts_with("kallsyms_") &&
           !name.starts_with("kernel_export");
}

// "f [clone .part.0]" is what the demangler makes of a piece of f; names hold no blanks, so that a line of /proc/kallsyms
// can be split.
std::string without_blanks(std::string name)
{
    if (const auto clone = name.find(" [clone "); clone != name.npos)
        name.erase(clone);
    constexpr std::string_view unnamed = "(anonymous namespace)::";
    for (auto at = name.find(unnamed); at != name.npos; at = name.find(unnamed))
        name.erase(at, unnamed.size());
    std::replace(name.begin(), name.end(), ' ', '_');
    return name;
}

std::vector<Symbol> read_symbols(std::istream& input)
{
    std::vector<Symbol> symbols;
    for (std::string line; std::getline(input, line);) {
        std::istringstream fields(line);
        Symbol symbol{};
        if (fields >> std::hex >> symbol.address >> symbol.type && std::getline(fields >> std::ws, symbol.name) &&
            is_wanted(symbol)) {
            symbol.name = without_blanks(std::move(symbol.name));
            symbols.push_back(std::move(symbol));
        }
    }
    return symbols;
}

void keep_from_base(std::vector<Symbol>& symbols, std::uint64_t base)
{
    constexpr std::uint64_t limit = std::numeric_limits<std::uint32_t>::max();
    std::erase_if(symbols, [&](const Symbol& symbol) { return symbol.address < base || symbol.address - base > limit; });
    std::sort(symbols.begin(), symbols.end(), [](const Symbol& left, const Symbol& right) {
        return left.address != right.address ? left.address < right.address : left.name < right.name;
    });
}

void label(const char* name, int alignment)
{
    std::printf("\t.balign %d\n\t.globl %s\n\t.hidden %s\n%s:\n", alignment, name, name, name);
}

void write_table(const std::vector<Symbol>& symbols, std::uint64_t base)
{
    std::printf("\t.section .kallsyms, \"a\", %%progbits\n");
    label("kallsyms_count", 8);
    std::printf("\t.word %zu\n", symbols.size());
    label("kallsyms_offsets", 4);
    for (const auto& symbol : symbols)
        std::printf("\t.word 0x%llx\n", static_cast<unsigned long long>(symbol.address - base));
    label("kallsyms_types", 4);
    for (const auto& symbol : symbols)
        std::printf("\t.ascii \"%c\"\n", symbol.type);
    label("kallsyms_name_offsets", 4);
    std::size_t offset = 0;
    for (const auto& symbol : symbols) {
        std::printf("\t.word %zu\n", offset);
        offset += symbol.name.size() + 1;
    }
    label("kallsyms_names", 4);
    for (const auto& symbol : symbols)
        std::printf("\t.asciz \"%s\"\n", symbol.name.c_str());
    std::printf("\t.balign 8\n\t.section .note.GNU-stack, \"\", %%progbits\n");
}

}  // namespace

int main()
{
    auto symbols = read_symbols(std::cin);
    const auto start =
        std::find_if(symbols.begin(), symbols.end(), [](const Symbol& symbol) { return symbol.name == "kernel_start"; });
    if (start == symbols.end() && !symbols.empty()) {
        std::cerr << "kallsyms: the kernel defines no symbol `kernel_start`\n";
        return 1;
    }
    const std::uint64_t base = symbols.empty() ? 0 : start->address;
    keep_from_base(symbols, base);
    write_table(symbols, base);
    return std::cout.good() ? 0 : 1;
}
