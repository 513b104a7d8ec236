#pragma once

#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "kernel/lib/large_array.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include "module/elf/diagnostics.h"
#include "module/elf/format.h"
#include "module/elf/source.h"

namespace tenon::elf {

// A relocatable ELF64 object whose structure has been checked once: header, section table, every section inside the file,
// string tables terminated, every link and info index, one symbol table, and no more bytes in all sections together than the file
// has, so that going over them is work that the file's size bounds. After that the accessors need no further checks.
// Symbol and relocation entries are checked by the passes that read them (resolve, apply), once each; symbol_name() checks
// for itself.
//
// The metadata (section table, symbols, strings, relocations, .modinfo, properties) is in memory: in the file itself when the source is
// contiguous, else in one buffer that the view owns. Sections that are allocated, and those that nobody needs (debug), are
// not read; `Image` copies the former straight to their place. Immutable; movable.
class ObjectView {
public:
    ObjectView() = default;  // of no file at all

    // `Errno::noexec` for a file that is not a sound object, `nomem`, or what the source says.
    static Result<ObjectView> read(Source& source, Diagnostics& diagnostics);

    // A file in memory; `file` must be aligned to 8 bytes and outlive the view.
    static Result<ObjectView> parse(std::span<const std::byte> file, Diagnostics& diagnostics);

    const FileHeader& header() const { return header_; }
    Machine machine() const { return static_cast<Machine>(header_.machine); }

    // Section 0 is the null section.
    std::span<const SectionHeader> sections() const { return sections_; }
    const SectionHeader& section(u32 index) const { return sections_[index]; }
    std::string_view section_name(u32 index) const { return name_of(sections_[index]); }
    const char* name_of(const SectionHeader& section) const { return terminated(section_names_, section.name); }

    // All of them, each terminated; SectionHeader::name counts from here.
    std::span<const char> section_names() const { return section_names_; }

    // The first section of that name. A walk over all names: once per load, not more.
    std::optional<u32> find_section(std::string_view name) const;

    // The bytes of a section that belongs to the metadata (any section when the source is contiguous); empty for others.
    std::span<const std::byte> contents(u32 index) const
    {
        const SectionHeader& section = sections_[index];
        const std::byte* const start = file_.empty() ? section_contents_[index] : file_.data() + section.offset;
        if (start == nullptr || section.is(SectionType::nobits) || section.is(SectionType::null))
            return {};
        return {start, static_cast<usize>(section.size)};
    }

    // Entry 0 is the null symbol. Empty when the object has no symbol table.
    std::span<const Symbol> symbols() const { return symbols_; }

    // Empty for a name offset outside the table (a link refuses such symbols). Terminated: usable as a C string.
    std::string_view symbol_name(const Symbol& symbol) const;
    std::span<const char> symbol_strings() const { return strings_; }

    // The entries of a section that relocates(); compact ones, for a section that is not allocated, are not decoded: none.
    std::span<const Rela> relocations(u32 index) const
    {
        if (sections_[index].is(SectionType::crel)) [[unlikely]]
            return decoded_relocations(index);
        const std::span<const std::byte> bytes = contents(index);
        return {reinterpret_cast<const Rela*>(bytes.data()), bytes.size() / sizeof(Rela)};
    }

    // Contents of .modinfo; empty when there is none.
    std::span<const char> modinfo() const { return modinfo_; }

    // Contents of .note.gnu.property, unchecked; empty when there is none.
    std::span<const std::byte> properties() const { return properties_; }

private:
    friend class ObjectReader;

    // Compact relocations, as ordinary ones.
    struct Decoded {
        u32 section;
        usize count;
        LargeArray<Rela> entries;
    };
    std::span<const Rela> decoded_relocations(u32 index) const;

    // The length is compared first: nearly every other name differs in it.
    bool is_named(const SectionHeader& section, std::string_view name) const
    {
        const std::span<const char> rest = section_names_.subspan(section.name);
        return rest.size() > name.size() && rest[name.size()] == '\0' &&
               std::memcmp(rest.data(), name.data(), name.size()) == 0;
    }

    static const char* terminated(std::span<const char> table, u32 offset) { return table.data() + offset; }

    FileHeader header_{};
    std::span<const std::byte> file_;                       // whole file, or empty
    LargeArray<SectionHeader> table_;                       // the section table when the file is not contiguous
    LargeArray<std::byte> names_;                           // the names of sections in that case
    LargeArray<std::byte> metadata_;                        // the other metadata in that case
    std::unique_ptr<const std::byte*[]> section_contents_;  // into names_ or metadata_, by section, in that case
    std::unique_ptr<Decoded[]> decoded_;  // by section, ascending
    u32 decoded_count_ = 0;
    std::span<const SectionHeader> sections_;
    std::span<const char> section_names_;
    std::span<const Symbol> symbols_;
    std::span<const char> strings_;
    std::span<const char> modinfo_;
    std::span<const std::byte> properties_;
};

}  // namespace tenon::elf
