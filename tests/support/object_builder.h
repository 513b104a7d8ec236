#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "module/elf/format.h"

// Relocatable objects made to order for tests, sound by default. Every header can be changed before build(), and every byte after it.

namespace tenon::test {

class ObjectBuilder {
public:
    explicit ObjectBuilder(elf::Machine machine = elf::Machine::aarch64);

    struct SectionSpec {
        std::string_view name;
        elf::SectionType type = elf::SectionType::progbits;
        u64 flags = elf::section_alloc;
        u64 alignment = 8;
        u64 nobits_size = 0;
    };
    // Returns the section's index.
    u32 section(const SectionSpec& spec, std::span<const std::byte> contents = {});
    u32 text(std::string_view name, usize instructions);
    u32 data(std::string_view name, usize bytes, u64 flags = elf::section_alloc | elf::section_write);

    struct SymbolSpec {
        std::string_view name;
        u16 section = elf::index_undefined;
        u64 value = 0;
        u64 size = 0;
        elf::SymbolBinding binding = elf::SymbolBinding::global;
        elf::SymbolType type = elf::SymbolType::none;
    };
    // Returns the symbol's index.
    u32 symbol(const SymbolSpec& spec);

    void relocation(u32 target, u64 offset, u32 type, u32 symbol, i64 addend = 0);

    // Header of a section so far, to be spoilt. The generated ones (see names below) exist after finish() only.
    elf::SectionHeader& header(u32 index) { return headers_[index]; }
    std::vector<elf::Symbol>& symbols() { return symbols_; }

    // Adds relocation sections, symbol table and string tables; afterwards their headers can be spoilt too.
    void finish();
    u32 symbol_table() const { return symbol_table_; }
    u32 string_table() const { return string_table_; }
    u32 name_table() const { return name_table_; }
    u32 relocations_of(u32 target) const;
    elf::FileHeader& file_header() { return file_header_; }

    // The file. Calls finish() when the test has not. The bytes are aligned to 8.
    std::vector<std::byte> build();

private:
    u32 add(const SectionSpec& spec, std::vector<std::byte> contents);
    static u32 add_string(std::string& table, std::string_view text);

    elf::FileHeader file_header_{};
    std::vector<elf::SectionHeader> headers_;
    std::vector<std::vector<std::byte>> contents_;
    std::vector<std::vector<elf::Rela>> relocations_;  // by target section
    std::vector<u32> relocation_sections_;             // by target section
    std::vector<elf::Symbol> symbols_{elf::Symbol{}};
    std::string names_{'\0'};
    std::string strings_{'\0'};
    u32 symbol_table_ = 0;
    u32 string_table_ = 0;
    u32 name_table_ = 0;
};

}  // namespace tenon::test
