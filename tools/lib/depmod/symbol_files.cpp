#include "tools/lib/depmod/symbol_files.h"

#include "tools/lib/messages.h"
#include "tools/lib/words.h"

namespace tenon::tools {

namespace {

void add_kernel_symbol(ExportTable& exports, std::string_view name, u64 crc)
{
    exports.add(SymbolName(name), crc, ExportTable::kernel);
}

}  // namespace

void add_system_map(ExportTable& exports, std::string_view text, const std::string& file_name, char symbol_prefix)
{
    constexpr std::string_view export_prefix = "__ksymtab_";
    unsigned number = 0;
    for (const std::string_view line : split(text, "\n")) {
        ++number;
        const auto words = split(line, " \t");
        if (words.size() < 3) {
            message(Severity::error, "%s:%u: invalid line: %.*s", file_name.c_str(), number, TENON_TEXT(line));
            continue;
        }
        std::string_view name = words[2];
        if (symbol_prefix != '\0' && name.starts_with(symbol_prefix))
            name.remove_prefix(1);
        if (name.starts_with(export_prefix))
            add_kernel_symbol(exports, name.substr(export_prefix.size()), 0);
    }
}

void add_module_symvers(ExportTable& exports, std::string_view text, const std::string& file_name)
{
    unsigned number = 0;
    for (const std::string_view line : split(text, "\n")) {
        ++number;
        const auto words = split(line, " \t");
        if (words.size() < 3 || words[2] != "vmlinux")
            continue;
        const std::string_view digits = words[0].starts_with("0x") ? words[0].substr(2) : words[0];
        const auto crc = parse_number<u64>(digits, 16);
        if (!crc) {
            message(Severity::error, "%s:%u Invalid symbol version %.*s: Invalid argument", file_name.c_str(), number,
                    TENON_TEXT(words[0]));
            continue;
        }
        add_kernel_symbol(exports, words[1], *crc);
    }
}

void add_made_up_symbols(ExportTable& exports)
{
    for (const std::string_view name : {"__this_module", "_GLOBAL_OFFSET_TABLE_", "TOC."})
        if (exports.find(SymbolName(name)) == nullptr)
            add_kernel_symbol(exports, name, 0);
}

}  // namespace tenon::tools
