#include "module/elf/metadata_view.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

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

bool is_terminated(std::span<const std::byte> strings)
{
    return !strings.empty() && strings.back() == std::byte{0};
}

}  // namespace

Result<std::span<std::byte>> MetadataStorage::reserve(usize size)
{
    if (size > capacity_) {
        bytes_.reset(new (std::nothrow) std::byte[size]);
        capacity_ = bytes_ ? size : 0;
        if (!bytes_)
            return fail(Errno::nomem);
    }
    return std::span(bytes_.get(), size);
}

Result<MetadataView> MetadataView::parse(std::span<const std::byte> file)
{
    MetadataView view;
    TRY(view.read_header(file.first(std::min(file.size(), header_size_64)), file.size()));
    view.table_ = file.subspan(static_cast<usize>(view.table_offset_), usize{view.section_count_} * view.entry_size_);
    const Section names = view.section_at(view.names_number_);
    const auto bytes = checked_subspan(file, names.offset, names.size);
    if (!bytes)
        return fail(Errno::noexec);
    TRY(view.find_sections(*bytes));
    for (usize which = 0; which < known_count; ++which) {
        const Place& place = view.places_[which];
        view.contents_[which] = file.subspan(static_cast<usize>(place.offset), static_cast<usize>(place.size));
    }
    TRY(view.check_strings());
    return view;
}

Result<MetadataView> MetadataView::read(Source& source, Storage& storage)
{
    if (!source.contiguous().empty())
        return parse(source.contiguous());
    MetadataView view;
    std::array<std::byte, header_size_64> header_bytes;
    const auto header = std::span(header_bytes).first(static_cast<usize>(std::min<u64>(source.size(), header_size_64)));
    TRY(source.read(0, header));
    TRY(view.read_header(header, source.size()));

    const usize table_size = usize{view.section_count_} * view.entry_size_;
    auto table = TRY(storage.table.reserve(table_size));
    TRY(source.read(view.table_offset_, table));
    view.table_ = table;
    const Section names = view.section_at(view.names_number_);
    if (!range_fits(names.offset, names.size, source.size()))
        return fail(Errno::noexec);
    // Until the sections are known their storage holds the names.
    auto name_bytes = TRY(storage.sections.reserve(static_cast<usize>(names.size)));
    TRY(source.read(names.offset, name_bytes));
    TRY(view.find_sections(name_bytes));

    u64 total = 0;
    for (const Place& place : view.places_)
        total += place.size;  // at most known_count times the file's size
    auto rest = TRY(storage.sections.reserve(static_cast<usize>(total)));
    for (usize which = 0; which < known_count; ++which) {
        const Place& place = view.places_[which];
        const auto into = rest.first(static_cast<usize>(place.size));
        if (!into.empty())
            TRY(source.read(place.offset, into));
        view.contents_[which] = into;
        rest = rest.subspan(into.size());
    }
    TRY(view.check_strings());
    return view;
}

Result<> MetadataView::read_header(std::span<const std::byte> header, u64 file_size)
{
    if (header.size() < header_size_32 || std::memcmp(header.data(), magic, sizeof(magic)) != 0)
        return fail(Errno::noexec);
    const auto file_class = static_cast<u8>(header[4]);
    const auto data = static_cast<u8>(header[5]);
    if ((file_class != class_32 && file_class != class_64) || (data != data_little_endian && data != data_big_endian))
        return fail(Errno::noexec);
    is_64_ = file_class == class_64;
    swap_ = (data == data_big_endian) != (std::endian::native == std::endian::big);
    if (is_64_ && header.size() < header_size_64)
        return fail(Errno::noexec);
    const std::byte* tail = header.data() + (is_64_ ? 58 : 46);  // e_shentsize, e_shnum, e_shstrndx
    file_size_ = file_size;
    machine_ = load<u16>(header.data() + 18);
    table_offset_ = is_64_ ? load<u64>(header.data() + 40) : load<u32>(header.data() + 32);
    entry_size_ = load<u16>(tail);
    section_count_ = load<u16>(tail + 2);
    names_number_ = load<u16>(tail + 4);
    const u64 least = is_64_ ? sizeof(SectionHeader) : 40;
    if (entry_size_ < least || names_number_ >= section_count_ ||
        !range_fits(table_offset_, u64{section_count_} * entry_size_, file_size))
        return fail(Errno::noexec);
    return {};
}

Result<> MetadataView::find_sections(std::span<const std::byte> names)
{
    if (!is_terminated(names))
        return fail(Errno::noexec);
    for (u32 number = 1; number < section_count_; ++number) {
        const u32 name = section_at(number).name;
        if (name >= names.size())
            return fail(Errno::noexec);
        TRY(remember(as_text(names).data() + name, number));
    }
    return {};
}

// `number` is below section_count_.
MetadataView::Section MetadataView::section_at(u32 number) const
{
    const std::byte* entry = table_.data() + usize{number} * entry_size_;
    Section section{};
    section.name = load<u32>(entry);
    section.type = load<u32>(entry + 4);
    section.offset = is_64_ ? load<u64>(entry + 24) : load<u32>(entry + 16);
    section.size = is_64_ ? load<u64>(entry + 32) : load<u32>(entry + 20);
    section.link = load<u32>(entry + (is_64_ ? 40 : 24));
    return section;
}

// Checks and stores the place of a section that a tool reads; others may lie wherever they claim. `name` is terminated, and read only
// as far as it is like one of those that are known: many sections may share a name of any length.
Result<> MetadataView::remember(const char* name, u32 number)
{
    const Section section = section_at(number);
    if (section.type == static_cast<u32>(SectionType::symtab))
        return remember_symbols(section, number);
    if (section.type == static_cast<u32>(SectionType::nobits))
        return {};
    const auto is = [name](const char* known) { return std::strcmp(name, known) == 0; };
    const auto starts_with = [name](std::string_view prefix) { return std::strncmp(name, prefix.data(), prefix.size()) == 0; };
    if (is(".modinfo"))
        return store(Known::modinfo, section, number);
    if (!starts_with("__"))
        return {};
    if (is("__versions")) {
        versions_flags_offset_ = table_offset_ + u64{number} * entry_size_ + 8;
        return store(Known::versions, section, number);
    }
    exports_ = exports_ || starts_with("__ksymtab") || starts_with("__kcrctab");
    if (is("__ksymtab_strings"))
        return store(Known::export_strings, section, number);
    if (is("__kcrctab"))
        return store(Known::crcs, section, number);
    if (is("__kcrctab_gpl"))
        return store(Known::gpl_crcs, section, number);
    return {};
}

Result<> MetadataView::remember_symbols(const Section& symbols, u32 number)
{
    if (symbols.link >= section_count_)
        return fail(Errno::noexec);
    TRY(store(Known::symbol_strings, section_at(symbols.link), symbols.link));
    return store(Known::symbols, symbols, number);
}

Result<> MetadataView::store(Known which, const Section& section, u32 number)
{
    if (!range_fits(section.offset, section.size, file_size_))
        return fail(Errno::noexec);
    places_[static_cast<usize>(which)] = {section.offset, section.size, number};
    return {};
}

Result<> MetadataView::check_strings() const
{
    const auto strings = section(Known::symbol_strings);
    if (!strings.empty() && !is_terminated(strings))
        return fail(Errno::noexec);
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

std::optional<MetadataView::Version> MetadataView::version_at(usize offset) const
{
    const auto table = section(Known::versions);
    if (!range_fits(offset, version_size, table.size()))
        return std::nullopt;
    const std::byte* entry = table.data() + offset;
    const usize crc_size = is_64_ ? 8 : 4;
    const std::string_view name = as_text(table.subspan(offset + crc_size, version_size - crc_size));
    return Version{name.substr(0, name.find('\0')), is_64_ ? load<u64>(entry) : load<u32>(entry)};
}

// The version of a symbol is the value of its __crc_ symbol when that is absolute, else the 32-bit word in __kcrctab or
// __kcrctab_gpl that it points to.
u64 MetadataView::crc_value(const Symbol& symbol) const
{
    if (symbol.section == index_absolute || symbol.section == index_undefined)
        return symbol.value;
    for (const Known which : {Known::crcs, Known::gpl_crcs}) {
        const auto bytes = section(which);
        if (places_[static_cast<usize>(which)].number == symbol.section &&
            range_fits(symbol.value, sizeof(u32), bytes.size()))
            return load<u32>(bytes.data() + static_cast<usize>(symbol.value));
    }
    return 0;
}

}  // namespace tenon::elf
