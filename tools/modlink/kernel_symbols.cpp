#include "tools/modlink/kernel_symbols.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <set>
#include <vector>

#include "kernel/lib/checked.h"
#include "module/elf/format.h"
#include "tools/lib/module_file.h"

namespace tenon::tools {
namespace {

constexpr std::string_view export_prefix = "__ksymtab_";

// Addresses for kernels that are known by names only.
constexpr u64 invented_base = 0xffff'8000'0800'0000;

std::vector<std::string_view> split(std::string_view line)
{
    std::vector<std::string_view> words;
    while (!line.empty()) {
        const usize start = line.find_first_not_of(" \t\r");
        if (start == std::string_view::npos)
            break;
        line.remove_prefix(start);
        words.push_back(line.substr(0, line.find_first_of(" \t\r")));
        line.remove_prefix(words.back().size());
    }
    return words;
}

template <typename Visit>
void for_each_line(std::string_view text, Visit visit)
{
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        visit(split(line));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
}

std::optional<u64> hexadecimal(std::string_view text)
{
    if (text.starts_with("0x"))
        text.remove_prefix(2);
    u64 value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

// A table of structures in a file, or nothing when it is not wholly inside.
template <typename T>
std::vector<T> table(std::span<const std::byte> file, u64 offset, u64 size)
{
    std::vector<T> entries;
    if (const auto bytes = checked_subspan(file, offset, size)) {
        entries.resize(bytes->size() / sizeof(T));
        if (!entries.empty())
            std::memcpy(entries.data(), bytes->data(), entries.size() * sizeof(T));
    }
    return entries;
}

}  // namespace

void KernelSymbols::add(std::string name, u64 address, std::string provider)
{
    end_ = std::max(end_, address);
    entries_.emplace(std::move(name), Entry{address, std::move(provider)});
}

const KernelSymbols::Entry* KernelSymbols::find(std::string_view name) const
{
    const auto found = entries_.find(name);
    return found != entries_.end() ? &found->second : nullptr;
}

Result<> KernelSymbols::read_kernel(const std::string& path)
{
    const ModuleFile file = TRY(ModuleFile::open(path));
    const std::span<const std::byte> bytes = file.bytes();
    if (bytes.size() > sizeof(elf::FileHeader) && std::memcmp(bytes.data(), elf::magic, sizeof(elf::magic)) == 0)
        return read_elf(bytes);
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.starts_with("0x"))
        read_symvers(text);
    else
        read_map(text);
    if (entries_.empty())
        return fail(Errno::noexec);
    return {};
}

// Lines "address type name". A kernel that marks its exports by __ksymtab_ symbols exports just those.
void KernelSymbols::read_map(std::string_view text)
{
    std::map<std::string_view, u64> addresses;
    std::vector<std::string_view> exported;
    for_each_line(text, [&](const std::vector<std::string_view>& words) {
        const auto address = words.size() >= 3 ? hexadecimal(words[0]) : std::nullopt;
        if (!address)
            return;
        if (words[2].starts_with(export_prefix))
            exported.push_back(words[2].substr(export_prefix.size()));
        else if (words[1] >= "A" && words[1] < "[")  // upper case: global
            addresses.emplace(words[2], *address);
    });
    for (const std::string_view name : exported)
        if (const auto found = addresses.find(name); found != addresses.end())
            add(std::string(name), found->second, "kernel");
    if (exported.empty())
        for (const auto& [name, address] : addresses)
            add(std::string(name), address, "kernel");
}

// Lines "crc name provider export-type": names without addresses, spread over 32 MiB.
void KernelSymbols::read_symvers(std::string_view text)
{
    u64 next = invented_base;
    for_each_line(text, [&](const std::vector<std::string_view>& words) {
        if (words.size() < 3)
            return;
        next += 64;
        add(std::string(words[1]), next, words[2] == "vmlinux" ? "kernel" : std::string(words[2]));
    });
}

Result<> KernelSymbols::read_elf(std::span<const std::byte> file)
{
    elf::FileHeader header;
    std::memcpy(&header, file.data(), sizeof(header));
    const auto sections = table<elf::SectionHeader>(file, header.section_offset, u64{header.section_count} * sizeof(elf::SectionHeader));
    constexpr u8 visibility_mask = 3;
    std::map<std::string, u64> addresses;
    std::set<std::string> visible;
    std::vector<std::string> exported;
    for (const elf::SectionHeader& section : sections) {
        if (!section.is(elf::SectionType::symtab) || section.link >= sections.size())
            continue;
        const auto names = table<char>(file, sections[section.link].offset, sections[section.link].size);
        for (const elf::Symbol& symbol : table<elf::Symbol>(file, section.offset, section.size)) {
            if (symbol.undefined() || symbol.name >= names.size() || names.back() != '\0')
                continue;
            const std::string name = names.data() + symbol.name;
            if (name.starts_with(export_prefix))
                exported.push_back(name.substr(export_prefix.size()));
            addresses.emplace(name, symbol.value);
            const bool wanted = symbol.type() == elf::SymbolType::function || symbol.type() == elf::SymbolType::object;
            if (wanted && symbol.binding() != elf::SymbolBinding::local && (symbol.other & visibility_mask) == 0)
                visible.insert(name);
        }
    }
    if (exported.empty())
        exported.assign(visible.begin(), visible.end());
    for (const std::string& name : exported)
        if (const auto found = addresses.find(name); found != addresses.end())
            add(name, found->second, "kernel");
    if (entries_.empty())
        return fail(Errno::noexec);
    return {};
}

}  // namespace tenon::tools
