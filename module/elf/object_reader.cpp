#include "module/elf/object_reader.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "kernel/lib/checked.h"
#include "module/elf/crel.h"
#include "module/elf/pieces.h"

namespace tenon::elf {
namespace {

// What a file that is no ELF object probably is, from its first bytes.
std::string_view guess(std::span<const std::byte> start)
{
    const auto begins_with = [&](std::initializer_list<u8> wanted) {
        return start.size() >= wanted.size() &&
               std::equal(wanted.begin(), wanted.end(), start.begin(),
                          [](u8 a, std::byte b) { return a == static_cast<u8>(b); });
    };
    if (begins_with({0x28, 0xb5, 0x2f, 0xfd}))
        return "it is zstd-compressed data";
    if (begins_with({0xfd, '7', 'z', 'X', 'Z', 0}))
        return "it is xz-compressed data";
    if (begins_with({0x1f, 0x8b}))
        return "it is gzip-compressed data";
    if (begins_with({'B', 'C', 0xc0, 0xde}))
        return "it is LLVM's intermediate code (-flto)";
    return "wrong magic number";
}

template <typename T>
std::span<const T> array_of(std::span<const std::byte> bytes)
{
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

}  // namespace

Result<> ObjectReader::read_header()
{
    view_.file_ = source_.contiguous();
    std::span<std::byte> header = std::as_writable_bytes(std::span(&view_.header_, 1));
    header = header.first(static_cast<usize>(std::min<u64>(file_size_, header.size())));
    TRY(source_.read(0, header));
    TRY(check_identity(header));
    if (view_.header_.type != static_cast<u16>(FileType::relocatable))
        return diagnostics_.fail(Errno::noexec, "not a relocatable object (ELF file type {})", view_.header_.type);
    if (view_.header_.section_entry_size != sizeof(SectionHeader))
        return diagnostics_.fail(Errno::noexec, "section headers of {} bytes instead of {}",
                                 view_.header_.section_entry_size, sizeof(SectionHeader));
    return {};
}

Result<> ObjectReader::check_identity(std::span<const std::byte> start)
{
    const auto& ident = view_.header_.ident;
    if (start.size() < sizeof(magic) || !std::equal(std::begin(magic), std::end(magic), ident))
        return diagnostics_.fail(Errno::noexec, "not an ELF file: {}", guess(start));
    if (start.size() < sizeof(FileHeader))
        return diagnostics_.fail(Errno::noexec, "file of {} bytes ends inside the ELF header", start.size());
    if (ident[4] != class_64 || ident[5] != data_little_endian || ident[6] != version_current)
        return diagnostics_.fail(Errno::noexec, "not a 64-bit little-endian ELF file (class {}, data {}, version {})",
                                 ident[4], ident[5], ident[6]);
    return {};
}

Result<> ObjectReader::read_section_table()
{
    const FileHeader& header = view_.header_;
    const u64 size = u64{header.section_count} * sizeof(SectionHeader);
    if (header.section_count == 0 || header.section_count >= index_reserved)
        return diagnostics_.fail(Errno::noexec, "section count {} is not supported", header.section_count);
    if (!range_fits(header.section_offset, size, file_size_))
        return diagnostics_.fail(Errno::noexec, "section table at {:#x} ends outside the file of {} bytes",
                                 header.section_offset, file_size_);
    if (!is_aligned(header.section_offset, alignof(SectionHeader)))
        return diagnostics_.fail(Errno::noexec, "section table at {:#x} is not aligned", header.section_offset);

    if (!view_.file_.empty()) {
        view_.sections_ = array_of<SectionHeader>(*checked_subspan(view_.file_, header.section_offset, size));
    } else {
        view_.table_ = make_large_array<SectionHeader>(header.section_count);
        view_.section_contents_.reset(new (std::nothrow) const std::byte*[header.section_count]());
        if (!view_.table_ || !view_.section_contents_)
            return fail(Errno::nomem);
        const std::span<SectionHeader> table(view_.table_.get(), header.section_count);
        TRY(source_.read(header.section_offset, std::as_writable_bytes(table)));
        view_.sections_ = table;
    }
    const SectionHeader& null = view_.sections_[0];
    if (!null.is(SectionType::null) || null.size != 0 || null.address != 0)
        return diagnostics_.fail(Errno::noexec, "section 0 is not the null section");
    return {};
}

Result<> ObjectReader::read_section_names()
{
    const u32 index = view_.header_.section_names;
    if (index == 0 || index >= view_.sections_.size())
        return diagnostics_.fail(Errno::noexec, "section index {} of the section names is outside the table of {}", index,
                                 view_.sections_.size());
    const SectionHeader& names = view_.sections_[index];
    if (!names.is(SectionType::strtab) || !range_fits(names.offset, names.size, file_size_))
        return diagnostics_.fail(Errno::noexec, "section names (section {}) are no string table inside the file", index);
    if (view_.file_.empty()) {
        view_.names_ = make_large_array<std::byte>(static_cast<usize>(names.size));
        if (!view_.names_)
            return fail(Errno::nomem);
        TRY(read(names.offset, {view_.names_.get(), static_cast<usize>(names.size)}));
        view_.section_contents_[index] = view_.names_.get();
    }
    view_.section_names_ = TRY(string_table(index));
    return {};
}

// A string table whose contents are in memory.
Result<std::span<const char>> ObjectReader::string_table(u32 index)
{
    const std::span<const char> table = array_of<char>(view_.contents(index));
    if (table.empty() || table.back() != '\0')
        return diagnostics_.fail(Errno::noexec, "string table (section {}) is {}", index,
                                 table.empty() ? "empty" : "not terminated");
    return table;
}

// Relocations of sections that are not loaded (debug information) are nobody's concern.
Result<> ObjectReader::check_relocations(u32 index, const SectionHeader& section)
{
    if (section.info >= view_.sections_.size())
        return diagnostics_.fail(Errno::noexec, "relocations (section {}): target section {} is outside the table of {}",
                                 index, section.info, view_.sections_.size());
    const SectionHeader& target = view_.sections_[section.info];
    if (!target.allocated())
        return {};
    if (section.is(SectionType::rel))
        return diagnostics_.fail(Errno::noexec, "section {} ({}): relocations without addends (REL) are not supported", index,
                                 view_.section_name(index));
    if (section.is(SectionType::crel))
        ++compact_count_;
    else if (section.entry_size != sizeof(Rela) || section.size % sizeof(Rela) != 0 || !is_aligned(section.offset, alignof(Rela)))
        return diagnostics_.fail(Errno::noexec, "section {} ({}): {:#x} bytes at {:#x} are no array of relocations", index,
                                 view_.section_name(index), section.size, section.offset);
    if (target.is(SectionType::nobits) && section.size != 0)
        return diagnostics_.fail(Errno::noexec, "section {} ({}): relocations for a section without contents", index,
                                 view_.section_name(index));
    if (section.link >= view_.sections_.size() || !view_.sections_[section.link].is(SectionType::symtab))
        return diagnostics_.fail(Errno::noexec, "section {} ({}): section {} is no symbol table", index,
                                 view_.section_name(index), section.link);
    return {};
}

// With the built-in comparison, which takes a word at a time.
bool ObjectReader::is_property_note(const SectionHeader& section) const
{
    constexpr char name[] = ".note.gnu.property";
    const std::span<const char> rest = view_.section_names_.subspan(section.name);
    return rest.size() >= sizeof(name) && __builtin_memcmp(rest.data(), name, sizeof(name)) == 0;
}

Result<> ObjectReader::check_section(u32 index, const SectionHeader& section)
{
    if (section.name >= view_.section_names_.size())
        return diagnostics_.fail(Errno::noexec, "section {}: name offset {} is outside the {} bytes of names", index,
                                 section.name, view_.section_names_.size());
    const bool has_bytes = !section.is(SectionType::nobits) && !section.is(SectionType::null);
    if (has_bytes && !range_fits(section.offset, section.size, file_size_))
        return diagnostics_.fail(Errno::noexec, "section {} ({}): {:#x} bytes at {:#x} end outside the file of {} bytes",
                                 index, view_.section_name(index), section.size, section.offset, file_size_);
    if (has_bytes)
        bytes_in_sections_ += section.size;
    if (bytes_in_sections_ > file_size_)
        return diagnostics_.fail(Errno::noexec, "section {} ({}): the sections up to here overlap: they have more bytes than the file of {}",
                                 index, view_.section_name(index), file_size_);
    switch (section.kind()) {
    case SectionType::symtab: return check_symbol_table(index, section);
    case SectionType::rel:
    case SectionType::rela:
    case SectionType::crel: return check_relocations(index, section);
    case SectionType::progbits:
        if (modinfo_ == 0 && view_.is_named(section, ".modinfo"))
            modinfo_ = index;
        if ((section.flags & section_exclude) != 0 && std::strncmp(view_.name_of(section), ".gnu.lto_", 9) == 0)
            intermediate_ = index;
        return {};
    case SectionType::note:
        if (properties_ == 0 && is_property_note(section))
            properties_ = index;
        return {};
    case SectionType::null:
    case SectionType::strtab:
    case SectionType::nobits:
    case SectionType::init_array:
    case SectionType::fini_array:
    case SectionType::preinit_array:
    case SectionType::group:
    case SectionType::symtab_shndx: return {};
    default: return check_unknown(index, section);
    }
}

Result<> ObjectReader::run()
{
    TRY(read_header());
    TRY(read_section_table());
    TRY(read_section_names());
    u32 index = 0;
    const Result<> checked = in_pieces(view_.sections_, entries_between_pauses, diagnostics_, [&](std::span<const SectionHeader> piece) -> Result<> {
        for (const SectionHeader& section : piece)
            TRY(check_section(index++, section));
        return {};
    });
    TRY(checked);
    if (source_.contiguous().empty())
        TRY(read_metadata());
    TRY(open_symbols());
    if (intermediate_ != 0) [[unlikely]]
        TRY(check_not_intermediate());
    if (compact_count_ != 0) [[unlikely]]
        TRY(decode_relocations());
    if (modinfo_ != 0)
        view_.modinfo_ = array_of<char>(view_.contents(modinfo_));
    if (properties_ != 0)
        view_.properties_ = view_.contents(properties_);
    return {};
}

// What may hold relocations that nobody would apply.
Result<> ObjectReader::check_unknown(u32 index, const SectionHeader& section)
{
    switch (section.kind()) {
    case SectionType::relr:
    case SectionType::android_rel:
    case SectionType::android_rela:
    case SectionType::android_relr:
    case SectionType::aarch64_auth_relr:
        return diagnostics_.fail(Errno::noexec, "section {} ({}): relocations of type {:#x} are not supported", index,
                                 view_.section_name(index), section.type);
    case SectionType::gnu_attributes:
    case SectionType::x86_64_unwind:
    case SectionType::aarch64_attributes: return {};
    default: break;
    }
    if (section.allocated() || (section.kind() >= SectionType::llvm_first && section.kind() <= SectionType::llvm_last))
        return {};  // what is to be loaded is looked at by the layout
    for (const u32 other : {section.info, section.link})
        if (other < view_.sections_.size() && view_.sections_[other].allocated())
            return diagnostics_.fail(Errno::noexec, "section {} ({}): its type {:#x} is not known, and it refers to section {} ({})", index,
                                     view_.section_name(index), section.type, other, view_.section_name(other));
    return {};
}

// Objects for link-time optimisation may hold code as well; those that do not are no modules. GCC marks them by a symbol.
Result<> ObjectReader::check_not_intermediate()
{
    return in_pieces(view_.symbols_, entries_between_pauses, diagnostics_, [&](std::span<const Symbol> piece) -> Result<> {
        for (const Symbol& symbol : piece)
            if (symbol.name < view_.strings_.size() && std::strcmp(view_.terminated(view_.strings_, symbol.name), "__gnu_lto_slim") == 0)
                return diagnostics_.fail(Errno::noexec, "section {} ({}): the object holds a compiler's intermediate code and no machine code: "
                                         "compile it without -flto or with -ffat-lto-objects", intermediate_,
                                         view_.section_name(intermediate_));
        return {};
    });
}

Result<> ObjectReader::check_symbol_table(u32 index, const SectionHeader& section)
{
    if (symbol_table_ != 0)
        return diagnostics_.fail(Errno::noexec, "two symbol tables (sections {} and {})", symbol_table_, index);
    if (section.entry_size != sizeof(Symbol) || section.size == 0 || section.size % sizeof(Symbol) != 0 ||
        section.size / sizeof(Symbol) > UINT32_MAX || !is_aligned(section.offset, alignof(Symbol)))
        return diagnostics_.fail(Errno::noexec, "symbol table (section {}): {:#x} bytes at {:#x} are no array of symbols", index,
                                 section.size, section.offset);
    if (section.link == 0 || section.link >= view_.sections_.size() ||
        !view_.sections_[section.link].is(SectionType::strtab))
        return diagnostics_.fail(Errno::noexec, "symbol table (section {}): section {} is no string table", index,
                                 section.link);
    symbol_table_ = index;
    return {};
}

bool ObjectReader::is_metadata(u32 index) const
{
    const SectionHeader& section = view_.sections_[index];
    switch (section.kind()) {
    case SectionType::symtab: return true;
    case SectionType::strtab:
        return symbol_table_ != 0 && view_.sections_[symbol_table_].link == index && index != view_.header_.section_names;
    case SectionType::rela:
    case SectionType::crel: return view_.sections_[section.info].allocated();
    case SectionType::progbits: return index == modinfo_;
    case SectionType::note: return index == properties_;
    default: return false;
    }
}

Result<> ObjectReader::read(u64 offset, std::span<std::byte> into)
{
    return in_pieces(into, bytes_between_pauses, diagnostics_, [&](std::span<std::byte> piece) {
        const u64 from = offset + static_cast<u64>(piece.data() - into.data());
        return source_.read(from, piece);
    });
}

// One buffer for everything that is left, each section aligned for its entries.
Result<> ObjectReader::read_metadata()
{
    constexpr u64 alignment = alignof(Rela);
    u64 total = 0;
    for (u32 index = 1; index < view_.sections_.size(); ++index) {
        if (!is_metadata(index))
            continue;
        const auto sum = checked_add(total, align_up(view_.sections_[index].size, alignment));
        if (!sum || *sum > u64{PTRDIFF_MAX})
            return diagnostics_.fail(Errno::noexec, "the metadata sections overlap beyond any size");
        total = *sum;
    }
    view_.metadata_ = make_large_array<std::byte>(static_cast<usize>(total));
    if (!view_.metadata_)
        return fail(Errno::nomem);
    std::byte* at = view_.metadata_.get();
    for (u32 index = 1; index < view_.sections_.size(); ++index) {
        if (!is_metadata(index))
            continue;
        const SectionHeader& section = view_.sections_[index];
        TRY(read(section.offset, {at, static_cast<usize>(section.size)}));
        view_.section_contents_[index] = at;
        at += align_up(section.size, alignment);
    }
    return {};
}

Result<> ObjectReader::open_symbols()
{
    if (symbol_table_ == 0)
        return {};
    view_.strings_ = TRY(string_table(view_.sections_[symbol_table_].link));
    view_.symbols_ = array_of<Symbol>(view_.contents(symbol_table_));
    return {};
}

Result<> ObjectReader::decode_relocations()
{
    view_.decoded_.reset(new (std::nothrow) ObjectView::Decoded[compact_count_]);
    if (!view_.decoded_)
        return fail(Errno::nomem);
    for (u32 index = 1; index < view_.sections_.size(); ++index)
        if (view_.sections_[index].is(SectionType::crel) && view_.sections_[view_.sections_[index].info].allocated())
            TRY(decode(index, view_.decoded_[view_.decoded_count_++]));
    return {};
}

Result<> ObjectReader::decode(u32 index, ObjectView::Decoded& into)
{
    auto reader = CrelReader::open(view_.contents(index));
    if (!reader)
        return diagnostics_.fail(Errno::noexec, "section {} ({}): no compact relocations", index, view_.section_name(index));
    if (!reader->has_addends() && reader->remaining() != 0)
        return diagnostics_.fail(Errno::noexec, "section {} ({}): compact relocations without addends are not supported", index,
                                 view_.section_name(index));
    into.section = index;
    into.count = static_cast<usize>(reader->remaining());
    into.entries = make_large_array<Rela>(into.count);
    if (!into.entries)
        return fail(Errno::nomem);
    TRY(in_pieces(std::span(into.entries.get(), into.count), entries_between_pauses, diagnostics_, [&](std::span<Rela> piece) -> Result<> {
        for (Rela& entry : piece) {
            const auto decoded = reader->next();
            if (!decoded)
                return diagnostics_.fail(Errno::noexec, "section {} ({}): entry {} of {} is not whole", index, view_.section_name(index),
                                         &entry - into.entries.get(), into.count);
            entry = *decoded;
        }
        return {};
    }));
    if (!reader->is_at_end())
        return diagnostics_.fail(Errno::noexec, "section {} ({}): something follows its {} entries", index, view_.section_name(index),
                                 into.count);
    return {};
}

}  // namespace tenon::elf
