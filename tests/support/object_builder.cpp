#include "tests/support/object_builder.h"

#include <algorithm>
#include <cstring>

#include "kernel/lib/bits.h"

namespace tenon::test {
namespace {

template <typename T>
std::vector<std::byte> bytes_of(std::span<const T> items)
{
    const std::span<const std::byte> bytes = std::as_bytes(items);
    return {bytes.begin(), bytes.end()};
}

}  // namespace

ObjectBuilder::ObjectBuilder(elf::Machine machine)
{
    std::copy(std::begin(elf::magic), std::end(elf::magic), file_header_.ident);
    file_header_.ident[4] = elf::class_64;
    file_header_.ident[5] = elf::data_little_endian;
    file_header_.ident[6] = elf::version_current;
    file_header_.type = static_cast<u16>(elf::FileType::relocatable);
    file_header_.machine = static_cast<u16>(machine);
    file_header_.version = 1;
    file_header_.header_size = sizeof(elf::FileHeader);
    file_header_.section_entry_size = sizeof(elf::SectionHeader);
    add({.name = "", .type = elf::SectionType::null, .flags = 0, .alignment = 0}, {});
}

u32 ObjectBuilder::add_string(std::string& table, std::string_view text)
{
    if (text.empty())
        return 0;
    const u32 offset = static_cast<u32>(table.size());
    table.append(text);
    table.push_back('\0');
    return offset;
}

u32 ObjectBuilder::add(const SectionSpec& spec, std::vector<std::byte> contents)
{
    elf::SectionHeader header{};
    header.name = add_string(names_, spec.name);
    header.type = static_cast<u32>(spec.type);
    header.flags = spec.flags;
    header.size = spec.type == elf::SectionType::nobits ? spec.nobits_size : contents.size();
    header.alignment = spec.alignment;
    headers_.push_back(header);
    contents_.push_back(std::move(contents));
    relocations_.emplace_back();
    relocation_sections_.push_back(0);
    return static_cast<u32>(headers_.size() - 1);
}

u32 ObjectBuilder::section(const SectionSpec& spec, std::span<const std::byte> contents)
{
    return add(spec, {contents.begin(), contents.end()});
}

u32 ObjectBuilder::text(std::string_view name, usize instructions)
{
    const std::vector<u32> nops(instructions, 0xd503201f);
    return add({.name = name, .flags = elf::section_alloc | elf::section_exec, .alignment = 4},
               bytes_of(std::span<const u32>(nops)));
}

u32 ObjectBuilder::data(std::string_view name, usize bytes, u64 flags)
{
    return add({.name = name, .flags = flags}, std::vector<std::byte>(bytes, std::byte{0x5a}));
}

u32 ObjectBuilder::symbol(const SymbolSpec& spec)
{
    elf::Symbol symbol{};
    symbol.name = add_string(strings_, spec.name);
    symbol.info = static_cast<u8>((static_cast<u8>(spec.binding) << 4) | static_cast<u8>(spec.type));
    symbol.section = spec.section;
    symbol.value = spec.value;
    symbol.size = spec.size;
    symbols_.push_back(symbol);
    return static_cast<u32>(symbols_.size() - 1);
}

void ObjectBuilder::relocation(u32 target, u64 offset, u32 type, u32 symbol, i64 addend)
{
    relocations_[target].push_back({offset, (u64{symbol} << 32) | type, addend});
}

void ObjectBuilder::finish()
{
    const usize targets = headers_.size();
    for (u32 target = 1; target < targets; ++target) {
        if (relocations_[target].empty())
            continue;
        const std::vector<elf::Rela> entries = relocations_[target];
        const std::string name = ".rela" + std::string(names_.c_str() + headers_[target].name);
        const u32 index = add({.name = name, .type = elf::SectionType::rela, .flags = 0},
                              bytes_of(std::span<const elf::Rela>(entries)));
        headers_[index].info = target;
        headers_[index].entry_size = sizeof(elf::Rela);
        relocation_sections_[target] = index;
    }
    symbol_table_ = add({.name = ".symtab", .type = elf::SectionType::symtab, .flags = 0},
                        bytes_of(std::span<const elf::Symbol>(symbols_)));
    headers_[symbol_table_].entry_size = sizeof(elf::Symbol);
    headers_[symbol_table_].info = 1;
    string_table_ = add({.name = ".strtab", .type = elf::SectionType::strtab, .flags = 0, .alignment = 1},
                        bytes_of(std::span<const char>(strings_)));
    headers_[symbol_table_].link = string_table_;
    for (const u32 index : relocation_sections_)
        if (index != 0)
            headers_[index].link = symbol_table_;
    name_table_ = add({.name = ".shstrtab", .type = elf::SectionType::strtab, .flags = 0, .alignment = 1}, {});
    contents_[name_table_] = bytes_of(std::span<const char>(names_));
    headers_[name_table_].size = names_.size();

    u64 offset = sizeof(elf::FileHeader);
    for (usize index = 1; index < headers_.size(); ++index) {
        offset = align_up(offset, 8);
        headers_[index].offset = offset;
        offset += contents_[index].size();
    }
    file_header_.section_offset = align_up(offset, 8);
    file_header_.section_count = static_cast<u16>(headers_.size());
    file_header_.section_names = static_cast<u16>(name_table_);
}

u32 ObjectBuilder::relocations_of(u32 target) const
{
    return relocation_sections_[target];
}

std::vector<std::byte> ObjectBuilder::build()
{
    if (name_table_ == 0)
        finish();
    u64 at = sizeof(elf::FileHeader);
    std::vector<std::byte> file(static_cast<usize>(at));
    std::memcpy(file.data(), &file_header_, sizeof(file_header_));
    for (usize index = 1; index < contents_.size(); ++index) {
        at = align_up(at, 8);
        file.resize(static_cast<usize>(at));
        file.insert(file.end(), contents_[index].begin(), contents_[index].end());
        at += contents_[index].size();
    }
    file.resize(static_cast<usize>(align_up(at, 8)));
    const std::vector<std::byte> table = bytes_of(std::span<const elf::SectionHeader>(headers_));
    file.insert(file.end(), table.begin(), table.end());
    return file;
}

}  // namespace tenon::test
