#include "module/elf/metadata_view.h"

#include <bit>
#include <cstring>

#include "kernel/lib/checked.h"

namespace tenon::elf {

namespace {

constexpr u8 class_32 = 1;
constexpr u8 data_big_endian = 2;
constexpr usize header_size_32 = 52;
constexpr usize header_size_64 = 64;

std::string_view as_text(std::span<const std::byte> bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

template <typename T>
T byte_swapped(T value)
{
    if constexpr (sizeof(T) == 8)
        return static_cast<T>(__builtin_bswap64(value));
    else if constexpr (sizeof(T) == 4)
        return static_cast<T>(__builtin_bswap32(value));
    else if constexpr (sizeof(T) == 2)
        return static_cast<T>(__builtin_bswap16(value));
    else
        return value;
}

}  // namespace

// The caller has checked that the value lies inside `bytes`.
template <typename T>
T MetadataView::load(std::span<const std::byte> bytes, usize offset) const
{
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof(T));
    return swap_ ? byte_swapped(value) : value;
}

u64 MetadataView::load_word(std::span<const std::byte> bytes, usize offset) const
{
    return is_64_ ? load<u64>(bytes, offset) : load<u32>(bytes, offset);
}

Result<MetadataView> MetadataView::parse(std::span<const std::byte> file)
{
    if (file.size() < header_size_32 || std::memcmp(file.data(), magic, sizeof(magic)) != 0)
        return fail(Errno::noexec);
    const auto file_class = static_cast<u8>(file[4]);
    const auto data = static_cast<u8>(file[5]);
    if ((file_class != class_32 && file_class != class_64) ||
        (data != data_little_endian && data != data_big_endian))
        return fail(Errno::noexec);

    MetadataView view;
    view.file_ = file;
    view.is_64_ = file_class == class_64;
    view.swap_ = (data == data_big_endian) != (std::endian::native == std::endian::big);
    if (view.is_64_ && file.size() < header_size_64)
        return fail(Errno::noexec);
    TRY(view.read_sections());
    return view;
}

Result<> MetadataView::read_sections()
{
    const usize tail = is_64_ ? 58 : 46;  // e_shentsize, then e_shnum and e_shstrndx
    table_offset_ = is_64_ ? load<u64>(file_, 40) : load<u32>(file_, 32);
    entry_size_ = load<u16>(file_, tail);
    section_count_ = load<u16>(file_, tail + 2);
    const u16 names_index = load<u16>(file_, tail + 4);
    const u64 least = is_64_ ? sizeof(SectionHeader) : 40;
    if (entry_size_ < least || !range_fits(table_offset_, u64{section_count_} * entry_size_, file_.size()) ||
        names_index >= section_count_)
        return fail(Errno::noexec);

    const auto names_section = TRY(section_at(names_index));
    const auto names_bytes = checked_subspan(file_, names_section.offset, names_section.size);
    if (!names_bytes || names_bytes->empty() || names_bytes->back() != std::byte{0})
        return fail(Errno::noexec);
    const std::string_view names = as_text(*names_bytes);

    for (u32 index = 1; index < section_count_; ++index) {
        const auto current = TRY(section_at(index));
        if (current.name >= names.size())
            return fail(Errno::noexec);
        TRY(remember(names.data() + current.name, current, table_offset_ + u64{index} * entry_size_));
    }
    return {};
}

Result<MetadataView::Section> MetadataView::section_at(u64 index) const
{
    if (index >= section_count_)
        return fail(Errno::noexec);
    const auto entry = file_.subspan(static_cast<usize>(table_offset_ + index * entry_size_), entry_size_);
    Section section{};
    section.name = load<u32>(entry, 0);
    section.type = load<u32>(entry, 4);
    section.offset = is_64_ ? load<u64>(entry, 24) : load<u32>(entry, 16);
    section.size = is_64_ ? load<u64>(entry, 32) : load<u32>(entry, 20);
    section.link = load<u32>(entry, is_64_ ? 40 : 24);
    return section;
}

// Checks and stores the place of a section that a tool reads; others may lie wherever they claim.
Result<> MetadataView::remember(std::string_view name, const Section& section, u64 header_offset)
{
    const auto store = [&](Known which, u64 offset, u64 size) -> Result<> {
        if (!range_fits(offset, size, file_.size()))
            return fail(Errno::noexec);
        ranges_[static_cast<usize>(which)] = {offset, size};
        return {};
    };
    if (section.type == static_cast<u32>(SectionType::symtab)) {
        const auto strings = TRY(section_at(section.link));
        TRY(store(Known::symbol_strings, strings.offset, strings.size));
        const auto bytes = this->section(Known::symbol_strings);
        if (!bytes.empty() && bytes.back() != std::byte{0})
            return fail(Errno::noexec);
        return store(Known::symbols, section.offset, section.size);
    }
    if (section.type == static_cast<u32>(SectionType::nobits))
        return {};
    if (name == ".modinfo")
        return store(Known::modinfo, section.offset, section.size);
    if (name == "__versions") {
        versions_flags_offset_ = header_offset + 8;
        return store(Known::versions, section.offset, section.size);
    }
    if (name == "__ksymtab_strings") {
        exports_ = true;
        return store(Known::export_strings, section.offset, section.size);
    }
    exports_ = exports_ || name.starts_with("__ksymtab") || name.starts_with("__kcrctab");
    return {};
}

std::string_view MetadataView::text(Known which) const
{
    return as_text(section(which));
}

Modinfo MetadataView::modinfo() const
{
    const std::string_view strings = text(Known::modinfo);
    return Modinfo({strings.data(), strings.size()});
}

// Nothing behind the last entry. An entry whose name lies outside the string table has a null name.
std::optional<MetadataView::Symbol> MetadataView::symbol_at(usize offset) const
{
    const auto table = section(Known::symbols);
    if (!range_fits(offset, symbol_size(), table.size()))
        return std::nullopt;
    const std::string_view strings = text(Known::symbol_strings);
    const u32 name = load<u32>(table, offset);
    Symbol symbol{};
    symbol.binding = static_cast<SymbolBinding>(static_cast<u8>(table[offset + (is_64_ ? 4 : 12)]) >> 4);
    symbol.section = load<u16>(table, offset + (is_64_ ? 6 : 14));
    symbol.value = is_64_ ? load<u64>(table, offset + 8) : load<u32>(table, offset + 4);
    if (name < strings.size())
        symbol.name = strings.data() + name;
    return symbol;
}

std::optional<MetadataView::Version> MetadataView::version_at(usize offset) const
{
    const auto table = section(Known::versions);
    if (!range_fits(offset, version_size, table.size()))
        return std::nullopt;
    const usize crc_size = is_64_ ? 8 : 4;
    const std::string_view name = as_text(table.subspan(offset + crc_size, version_size - crc_size));
    return Version{name.substr(0, name.find('\0')), load_word(table, offset)};
}

// The version of a symbol is the value of its __crc_ symbol when that is absolute, else the 32-bit word it points to.
u64 MetadataView::crc_value(const Symbol& symbol) const
{
    if (symbol.section == index_absolute || symbol.section == index_undefined)
        return symbol.value;
    const auto section = section_at(symbol.section);
    if (!section)
        return 0;
    const auto bytes = checked_subspan(file_, section->offset, section->size);
    if (!bytes || !range_fits(symbol.value, sizeof(u32), bytes->size()))
        return 0;
    return load<u32>(*bytes, static_cast<usize>(symbol.value));
}

}  // namespace tenon::elf
