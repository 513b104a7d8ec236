#pragma once

#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include "module/elf/format.h"
#include "module/elf/modinfo.h"

namespace tenon::elf {

// What a tool wants to know about a module file without linking it: .modinfo, what it exports, what it needs. Unlike
// ObjectView this reads modules of every machine (32 and 64 bits, both byte orders) and touches nothing but the header, the
// section table and the sections asked for. The section table and the range of every section of interest are checked by
// parse(); symbol names are checked as they are visited, and an entry that lies is left out.
class MetadataView {
public:
    struct Symbol {
        const char* name;  // terminated inside the string table
        u64 value;
        u16 section;
        SymbolBinding binding;
    };

    // An exported symbol or a version that is required; `crc` is 0 when the module was built without versions.
    struct Version {
        std::string_view name;
        u64 crc;
    };

    // `Errno::noexec` for a file that is no sound ELF file. `file` needs no alignment and must outlive the view.
    static Result<MetadataView> parse(std::span<const std::byte> file);

    Modinfo modinfo() const;

    // A module without symbol table cannot be linked (stripped).
    bool has_symbols() const { return !section(Known::symbols).empty(); }
    bool has_exports() const { return exports_; }

    // visit(const Symbol&) for each entry after the null symbol, in file order.
    template <typename Visit>
    void for_each_symbol(Visit visit) const
    {
        for (usize offset = symbol_size(); auto symbol = symbol_at(offset); offset += symbol_size())
            if (symbol->name != nullptr)
                visit(*symbol);
    }

    // visit(const char* name, SymbolBinding) for each symbol that another module or the kernel must define, in file order.
    template <typename Visit>
    void for_each_undefined(Visit visit) const
    {
        for_each_symbol([&](const Symbol& symbol) {
            const bool global = symbol.binding == SymbolBinding::global || symbol.binding == SymbolBinding::weak;
            if (symbol.section == index_undefined && global && *symbol.name != '\0')
                visit(symbol.name, symbol.binding);
        });
    }

    // visit(const Version&) for each exported symbol: those with a version in symbol order, or, in a module without
    // versions, the export strings.
    template <typename Visit>
    void for_each_export(Visit visit) const
    {
        bool any = false;
        for_each_symbol([&](const Symbol& symbol) {
            if (std::strncmp(symbol.name, crc_prefix.data(), crc_prefix.size()) != 0)
                return;
            any = true;
            visit(Version{symbol.name + crc_prefix.size(), crc_value(symbol)});
        });
        if (any)
            return;
        std::string_view rest = text(Known::export_strings);
        while (!rest.empty()) {
            const std::string_view name = rest.substr(0, rest.find('\0'));
            if (!name.empty())
                visit(Version{name, 0});
            rest.remove_prefix(name.size() < rest.size() ? name.size() + 1 : rest.size());
        }
    }

    // visit(const Version&) for each entry of __versions.
    template <typename Visit>
    void for_each_required_version(Visit visit) const
    {
        for (usize offset = 0; auto version = version_at(offset); offset += version_size)
            visit(*version);
    }

    // Where the contents of the section stand in the file: for tools that change a copy (force loading).
    struct Range {
        u64 offset = 0;
        u64 size = 0;
    };
    Range modinfo_range() const { return ranges_[static_cast<usize>(Known::modinfo)]; }
    // Where the sh_flags field of __versions stands; nothing when there is no such section.
    std::optional<u64> versions_flags_offset() const { return versions_flags_offset_; }
    bool is_64() const { return is_64_; }
    bool swapped() const { return swap_; }

private:
    enum class Known : u8 { modinfo, symbols, symbol_strings, export_strings, versions, count };

    static constexpr std::string_view crc_prefix = "__crc_";
    static constexpr usize version_size = 64;

    struct Section {
        u32 name, type, link;
        u64 offset, size;
    };

    MetadataView() = default;
    Result<> read_sections();
    Result<Section> section_at(u64 index) const;
    Result<> remember(std::string_view name, const Section& section, u64 header_offset);

    template <typename T>
    T load(std::span<const std::byte> bytes, usize offset) const;
    u64 load_word(std::span<const std::byte> bytes, usize offset) const;
    usize symbol_size() const { return is_64_ ? 24 : 16; }
    std::optional<Symbol> symbol_at(usize offset) const;
    std::optional<Version> version_at(usize offset) const;
    u64 crc_value(const Symbol& symbol) const;

    std::span<const std::byte> section(Known which) const
    {
        const Range& range = ranges_[static_cast<usize>(which)];
        return file_.subspan(static_cast<usize>(range.offset), static_cast<usize>(range.size));
    }
    std::string_view text(Known which) const;

    std::span<const std::byte> file_;
    std::array<Range, static_cast<usize>(Known::count)> ranges_{};
    std::optional<u64> versions_flags_offset_;
    u64 table_offset_ = 0;
    u32 section_count_ = 0;
    u16 entry_size_ = 0;
    bool is_64_ = true;
    bool swap_ = false;
    bool exports_ = false;
};

}  // namespace tenon::elf
