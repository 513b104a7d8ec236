#include "tools/modlink/kernel_symbols.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <vector>

#include "kernel/lib/checked.h"
#include "module/elf/format.h"
#include "tools/lib/module_file.h"
#include "tools/lib/module_name.h"
#include "tools/lib/words.h"

namespace tenon::tools {
namespace {

constexpr std::string_view export_prefix = "__ksymtab_";
constexpr std::string_view kernel_name = "kernel";

// Addresses for kernels that are known by names only: within the last 2 GiB, which x86-64's kernel code model needs.
constexpr u64 invented_base = 0xffff'ffff'8100'0000;
constexpr u64 invented_distance = 64;

// Calls visit(words) for each line that is not empty; the first failure ends it.
template <typename Visit>
Result<> for_each_line(std::string_view text, Visit visit)
{
    for (const std::string_view line : split(text, "\n"))
        TRY(visit(split(line, " \t\r")));
    return {};
}

std::optional<u64> hexadecimal(std::string_view text)
{
    return parse_number<u64>(text.starts_with("0x") ? text.substr(2) : text, 16);
}

// A table of structures in a file; nothing when it is not wholly inside.
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

// Tells what is exported among the symbols of a linked kernel: those with a __ksymtab_ entry; all that others can see, in a kernel
// that has no such entries.
class ExportFinder {
public:
    enum class Seen { inside, outside };

    void add(std::string name, u64 address, Seen seen)
    {
        if (name.starts_with(export_prefix))
            exported_.insert(name.substr(export_prefix.size()));
        if (seen == Seen::inside) {
            addresses_.emplace(std::move(name), address);
            return;
        }
        visible_.insert(name);
        addresses_.insert_or_assign(std::move(name), address);
    }
    void hand_over(KernelSymbols& symbols) const
    {
        for (const std::string& name : exported_.empty() ? visible_ : exported_)
            if (const auto found = addresses_.find(name); found != addresses_.end())
                symbols.add(name, {.address = found->second, .provider = std::string(kernel_name), .is_gpl_only = false, .version = {}});
    }

private:
    std::map<std::string, u64> addresses_;
    std::set<std::string> visible_;
    std::set<std::string> exported_;
};

bool is_offered(const elf::Symbol& symbol)
{
    constexpr u8 visibility_mask = 3;
    const bool is_wanted = symbol.type() == elf::SymbolType::function || symbol.type() == elf::SymbolType::object;
    return is_wanted && symbol.binding() != elf::SymbolBinding::local && (symbol.other & visibility_mask) == 0;
}

std::optional<::modlink::Machine> machine_of(const elf::FileHeader& header)
{
    switch (static_cast<elf::Machine>(header.machine)) {
    case elf::Machine::aarch64: return ::modlink::Machine::aarch64;
    case elf::Machine::x86_64: return ::modlink::Machine::x86_64;
    default: return std::nullopt;
    }
}

// The text that an object of a linked kernel holds; nothing when its bytes are not in the file.
std::optional<std::string> text_of(const elf::Symbol& symbol, std::span<const std::byte> file, std::span<const elf::SectionHeader> sections)
{
    if (symbol.section >= sections.size() || symbol.value < sections[symbol.section].address)
        return std::nullopt;
    const elf::SectionHeader& section = sections[symbol.section];
    const auto bytes = checked_subspan(file, section.offset, section.size);
    const auto held = bytes ? checked_subspan(*bytes, symbol.value - section.address, symbol.size) : std::nullopt;
    if (!held)
        return std::nullopt;
    const std::string_view text(reinterpret_cast<const char*>(held->data()), held->size());
    return std::string(text.substr(0, text.find('\0')));
}

bool is_linked_elf64(const elf::FileHeader& header)
{
    const auto type = static_cast<elf::FileType>(header.type);
    return header.ident[4] == elf::class_64 && header.ident[5] == elf::data_little_endian &&
           (type == elf::FileType::executable || type == elf::FileType::shared);
}

}  // namespace

void KernelSymbols::add(const std::string& name, OfferedSymbol symbol)
{
    end_ = std::max(end_, symbol.address);
    symbols_.insert_or_assign(name, std::move(symbol));
}

const OfferedSymbol* KernelSymbols::find(std::string_view name) const
{
    const auto found = symbols_.find(name);
    return found != symbols_.end() ? &found->second : nullptr;
}

Result<> KernelSymbols::read_kernel(const std::string& path)
{
    ModuleFile file;
    TRY(file.open(path));
    const std::span<const std::byte> bytes = TRY(file.image());
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (bytes.size() >= sizeof(elf::FileHeader) && std::memcmp(bytes.data(), elf::magic, sizeof(elf::magic)) == 0)
        TRY(read_elf(bytes));
    else if (text.starts_with("0x"))
        TRY(read_symvers(text));
    else
        TRY(read_map(text));
    if (symbols_.empty())
        return fail(Errno::noexec);
    return {};
}

// Lines "address type name", as nm prints them. Upper case types are global.
Result<> KernelSymbols::read_map(std::string_view text)
{
    ExportFinder finder;
    TRY(for_each_line(text, [&](const std::vector<std::string_view>& words) -> Result<> {
        const auto address = words.size() == 3 && words[1].size() == 1 ? hexadecimal(words[0]) : std::nullopt;
        if (!address)
            return fail(Errno::noexec);
        const bool is_global = words[1][0] >= 'A' && words[1][0] <= 'Z';
        finder.add(std::string(words[2]), *address, is_global ? ExportFinder::Seen::outside : ExportFinder::Seen::inside);
        return {};
    }));
    finder.hand_over(*this);
    return {};
}

// Lines "crc name provider export-type [namespace]": names without addresses.
Result<> KernelSymbols::read_symvers(std::string_view text)
{
    u64 next = invented_base;
    return for_each_line(text, [&](const std::vector<std::string_view>& words) -> Result<> {
        const auto version = words.size() >= 4 ? hexadecimal(words[0]) : std::nullopt;
        if (!version)
            return fail(Errno::noexec);
        next += invented_distance;
        add(std::string(words[1]), {.address = next,
                                    .provider = words[2] == "vmlinux" ? std::string(kernel_name) : module_name_from_path(words[2]),
                                    .is_gpl_only = words[3].find("_GPL") != words[3].npos,
                                    .version = *version != 0 ? version : std::nullopt});
        return {};
    });
}

Result<> KernelSymbols::read_elf(std::span<const std::byte> file)
{
    elf::FileHeader header;
    std::memcpy(&header, file.data(), sizeof(header));
    if (!is_linked_elf64(header))
        return fail(Errno::noexec);
    machine_ = machine_of(header);
    const auto sections = table<elf::SectionHeader>(file, header.section_offset, u64{header.section_count} * sizeof(elf::SectionHeader));
    ExportFinder finder;
    for (const elf::SectionHeader& section : sections) {
        if (!section.is(elf::SectionType::symtab) || section.link >= sections.size())
            continue;
        const auto names = table<char>(file, sections[section.link].offset, sections[section.link].size);
        for (const elf::Symbol& symbol : table<elf::Symbol>(file, section.offset, section.size)) {
            if (symbol.undefined() || symbol.name >= names.size() || names.back() != '\0')
                continue;
            const char* const name = names.data() + symbol.name;
            if (symbol.type() == elf::SymbolType::object && name == std::string_view("vermagic"))
                vermagic_ = text_of(symbol, file, sections);
            finder.add(name, symbol.value, is_offered(symbol) ? ExportFinder::Seen::outside : ExportFinder::Seen::inside);
        }
    }
    finder.hand_over(*this);
    return {};
}

}  // namespace tenon::tools
