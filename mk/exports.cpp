// Turns `readelf -sW` lines of the linked kernel into the table of what modules may link against, as assembly: every
// function and object that is global with default visibility (TENON_API). Layout, in section .kernel_exports:
//   kernel_exports_count  u32
//   kernel_exports        per symbol: u64 address, u32 elf::name_hash of the name, u32 offset into kernel_export_names;
//                         ascending by hash
//   kernel_export_names   NUL-terminated names
// An empty input gives an empty table.

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "mk/symbol_lines.h"
#include "module/elf/name_hash.h"

namespace {

struct Export {
    std::uint64_t address;
    std::string name;
    std::uint32_t hash;
};

std::vector<Export> read_exports(std::istream& input)
{
    std::vector<Export> exports;
    std::set<std::string> seen;
    for_each_symbol(input, [&](const SymbolLine& symbol) {
        const bool wanted = (symbol.type == "FUNC" || symbol.type == "OBJECT") && (symbol.binding == "GLOBAL" || symbol.binding == "WEAK") &&
                            symbol.visibility == "DEFAULT" && symbol.section != "UND";
        if (wanted && seen.insert(symbol.name).second)
            exports.push_back({symbol.address, symbol.name, tenon::elf::name_hash(symbol.name)});
    });
    std::sort(exports.begin(), exports.end(), [](const Export& left, const Export& right) {
        return left.hash != right.hash ? left.hash < right.hash : left.name < right.name;
    });
    return exports;
}

void label(const char* name)
{
    std::printf("\t.balign 8\n\t.globl %s\n\t.hidden %s\n%s:\n", name, name, name);
}

void write_table(const std::vector<Export>& exports)
{
    std::printf("\t.section .kernel_exports, \"a\", %%progbits\n");
    label("kernel_exports_count");
    std::printf("\t.word %zu\n", exports.size());
    label("kernel_exports");
    std::size_t offset = 0;
    for (const auto& symbol : exports) {
        std::printf("\t.quad 0x%llx\n\t.word 0x%x, %zu\n", static_cast<unsigned long long>(symbol.address), symbol.hash,
                    offset);
        offset += symbol.name.size() + 1;
    }
    label("kernel_export_names");
    for (const auto& symbol : exports)
        std::printf("\t.asciz \"%s\"\n", symbol.name.c_str());
    std::printf("\t.balign 8\n");
}

}  // namespace

int main()
{
    write_table(read_exports(std::cin));
    return 0;
}
