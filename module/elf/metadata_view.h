#pragma once

#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include "module/elf/foreign_symbols.h"
#include "module/elf/format.h"
#include "module/elf/modinfo.h"
#include "module/elf/source.h"

namespace tenon::elf {

// Memory for the parts of a file that are read one by one; it grows to the largest need and may serve many files, one after the
// other.
class MetadataStorage {
public:
    Result<std::span<std::byte>> reserve(usize size);

private:
    std::unique_ptr<std::byte[]> bytes_;
    usize capacity_ = 0;
};

// What a tool wants to know about a module file without linking it: .modinfo, what it exports, what it needs. Unlike
// ObjectView this reads modules of every machine (32 and 64 bits, both byte orders) and touches nothing but the header, the
// section table and the sections asked for. The section table and the range of every section of interest are checked by
// parse() and read(); symbol names are checked as they are visited, and an entry that lies is left out.
class MetadataView {
public:
    struct Symbol {
        const char* name;  // terminated inside the string table; null when it lies outside
        u64 value;
        u16 section;
        SymbolBinding binding;
        u8 type;  // as in the file: machines have some of their own
    };

    // An exported symbol or a version that is required; `crc` is 0 when the module was built without versions.
    struct Version {
        std::string_view name;
        u64 crc;
    };

    // `Errno::noexec` for a file that is no sound ELF file. `file` needs no alignment and must outlive the view.
    static Result<MetadataView> parse(std::span<const std::byte> file);

    // Reads no more than it needs. The view lives until `storage` is used again.
    struct Storage {
        MetadataStorage table;
        MetadataStorage sections;
    };
    static Result<MetadataView> read(Source& source, Storage& storage);

    Modinfo modinfo() const;

    // A module without symbol table cannot be linked (stripped).
    bool has_symbols() const { return !section(Known::symbols).empty(); }
    bool has_exports() const { return exports_; }

    // Many symbols may share the bytes of one long name, so that all names together are far longer than the file: no walk here reads a
    // name further than it must, and a visitor that has seen enough ends the walk by returning false. It may return nothing, too.

    // visit(const Symbol&) for each entry after the null symbol, in file order.
    template <typename Visit>
    void for_each_symbol(Visit visit) const
    {
        for_each_entry([&](const std::byte* entry) {
            const Symbol symbol = decode(entry);
            return symbol.name == nullptr || goes_on(visit, symbol);
        });
    }

    // visit(const char* name, SymbolBinding) for each symbol that another module or the kernel must define, in file order.
    template <typename Visit>
    void for_each_undefined(Visit visit) const
    {
        for_each_entry([&](const std::byte* entry) {
            if (load<u16>(entry + (is_64_ ? 6 : 14)) != index_undefined)
                return true;
            const Symbol symbol = decode(entry);
            if (is_no_reference(machine_, symbol.type))
                return true;
            const bool global = symbol.binding == SymbolBinding::global || symbol.binding == SymbolBinding::weak;
            const bool wanted = global && symbol.name != nullptr && *symbol.name != '\0';
            return !wanted || goes_on(visit, symbol.name, symbol.binding);
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
                return true;
            any = true;
            return goes_on(visit, Version{symbol.name + crc_prefix.size(), crc_value(symbol)});
        });
        if (any)
            return;
        std::string_view rest = text(Known::export_strings);
        while (!rest.empty()) {
            const std::string_view name = rest.substr(0, rest.find('\0'));
            if (!name.empty() && !goes_on(visit, Version{name, 0}))
                return;
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

    // Where the sh_flags field of __versions stands in the file, for tools that change a copy (force loading); nothing when
    // there is no such section.
    std::optional<u64> versions_flags_offset() const { return versions_flags_offset_; }
    bool is_64() const { return is_64_; }
    bool swapped() const { return swap_; }

private:
    enum class Known : u8 { modinfo, symbols, symbol_strings, export_strings, versions, crcs, gpl_crcs, count };
    static constexpr usize known_count = static_cast<usize>(Known::count);

    static constexpr std::string_view crc_prefix = "__crc_";
    static constexpr usize version_size = 64;

    struct Section {
        u32 name, type, link;
        u64 offset, size;
    };
    // The place of a known section in the file.
    struct Place {
        u64 offset = 0;
        u64 size = 0;
        u32 number = 0;
    };

    MetadataView() = default;
    Result<> read_header(std::span<const std::byte> header, u64 file_size);
    Result<> find_sections(std::span<const std::byte> names);
    Section section_at(u32 number) const;
    Result<> remember(const char* name, u32 number);
    Result<> remember_symbols(const Section& symbols, u32 number);
    Result<> store(Known which, const Section& section, u32 number);
    Result<> check_strings() const;

    template <typename T>
    T load(const std::byte* bytes) const
    {
        T value;
        std::memcpy(&value, bytes, sizeof(T));
        if constexpr (sizeof(T) == 8)
            return swap_ ? __builtin_bswap64(value) : value;
        else if constexpr (sizeof(T) == 4)
            return swap_ ? __builtin_bswap32(value) : value;
        else
            return swap_ ? __builtin_bswap16(value) : value;
    }

    template <typename Visit, typename... Arguments>
    static bool goes_on(Visit& visit, const Arguments&... arguments)
    {
        if constexpr (std::is_void_v<std::invoke_result_t<Visit&, const Arguments&...>>) {
            visit(arguments...);
            return true;
        } else {
            return visit(arguments...);
        }
    }

    // visit(const std::byte*) for each entry of the symbol table after the first, until it returns false.
    template <typename Visit>
    void for_each_entry(Visit visit) const
    {
        const auto table = section(Known::symbols);
        const usize size = is_64_ ? 24 : 16;
        const std::byte* entry = table.data();
        for (usize left = table.size() / size; left > 1; --left)
            if (!visit(entry += size))
                return;
    }
    Symbol decode(const std::byte* entry) const
    {
        const auto strings = section(Known::symbol_strings);
        const u32 name = load<u32>(entry);
        Symbol symbol;
        symbol.name = name < strings.size() ? reinterpret_cast<const char*>(strings.data()) + name : nullptr;
        const auto info = static_cast<u8>(entry[is_64_ ? 4 : 12]);
        symbol.binding = static_cast<SymbolBinding>(info >> 4);
        symbol.type = info & 0xf;
        symbol.section = load<u16>(entry + (is_64_ ? 6 : 14));
        symbol.value = is_64_ ? load<u64>(entry + 8) : load<u32>(entry + 4);
        return symbol;
    }
    std::optional<Version> version_at(usize offset) const;
    u64 crc_value(const Symbol& symbol) const;

    std::span<const std::byte> section(Known which) const { return contents_[static_cast<usize>(which)]; }
    std::string_view text(Known which) const;

    std::span<const std::byte> table_;  // the section headers
    std::array<Place, known_count> places_{};
    std::array<std::span<const std::byte>, known_count> contents_{};
    std::optional<u64> versions_flags_offset_;
    u64 file_size_ = 0;
    u64 table_offset_ = 0;
    u32 section_count_ = 0;
    u32 names_number_ = 0;
    u16 entry_size_ = 0;
    u16 machine_ = 0;
    bool is_64_ = true;
    bool swap_ = false;
    bool exports_ = false;
};

}  // namespace tenon::elf
