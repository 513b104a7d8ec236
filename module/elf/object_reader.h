#pragma once

#include "module/elf/object_view.h"

namespace tenon::elf {

// Builds an ObjectView: reads the metadata from the source, once, and checks it. Used by ObjectView alone.
class ObjectReader {
public:
    ObjectReader(Source& source, Diagnostics& diagnostics, ObjectView& view)
        : source_(source), diagnostics_(diagnostics), file_size_(source.size()), view_(view)
    {
    }

    Result<> run();

private:
    Result<> read_header();
    Result<> check_identity(std::span<const std::byte> start);
    Result<> read_section_table();
    Result<> read_section_names();
    [[gnu::always_inline]] inline Result<> check_section(u32 index, const SectionHeader& section);  // for run() alone
    Result<> check_symbol_table(u32 index, const SectionHeader& section);
    [[gnu::always_inline]] inline Result<> check_relocations(u32 index, const SectionHeader& section);  // likewise
    Result<> read_metadata();
    Result<> open_symbols();
    Result<> decode_relocations();
    Result<> decode(u32 index, ObjectView::Decoded& into);
    Result<> check_unknown(u32 index, const SectionHeader& section);
    Result<> check_not_intermediate();
    Result<> read(u64 offset, std::span<std::byte> into);

    bool is_property_note(const SectionHeader& section) const;
    bool is_metadata(u32 index) const;
    Result<std::span<const char>> string_table(u32 index);

    Source& source_;
    Diagnostics& diagnostics_;
    u64 file_size_;
    ObjectView& view_;
    u32 symbol_table_ = 0;  // section index; 0 when there is none
    u32 modinfo_ = 0;       // likewise
    u32 properties_ = 0;    // likewise
    u32 intermediate_ = 0;  // likewise: a compiler's intermediate code
    u32 compact_count_ = 0;  // sections of compact relocations
    u64 bytes_in_sections_ = 0;
};

}  // namespace tenon::elf
