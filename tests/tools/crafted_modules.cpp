// crafted_modules KIND COUNT FOLDER: writes module files that cost a careless reader more than their size into FOLDER, COUNT of whatever
// the kind is about. The checks of costs (checks/costs.sh) run depmod on them. Of the kind `graph`, which has circles of needs for
// checks/cycles.sh, COUNT is the seed.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "module/elf/format.h"

namespace {

using namespace tenon;

struct Symbol {
    std::size_t name;  // its place among the names
    bool defined;
};

// One file, with symbols whose names may overlap.
struct Module {
    std::string modinfo;
    std::string exports;   // __ksymtab_strings
    std::string versions;  // __versions
    std::string names{'\0'};
    std::vector<Symbol> symbols;
    std::string filler_name;  // of as many empty sections as
    std::size_t fillers = 0;

    void need(std::string_view name)
    {
        symbols.push_back({names.size(), false});
        names.append(name).push_back('\0');
    }
    void provide(std::string_view name)
    {
        exports.append(name).push_back('\0');
        symbols.push_back({names.size(), true});
        names.append(name).push_back('\0');
    }
    void alias(std::string_view name) { modinfo.append("alias=").append(name).push_back('\0'); }
};

template <typename T>
void append(std::string& text, const T& value)
{
    text.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

std::string image_of(const Module& module)
{
    constexpr u16 index_exports = 2;
    std::string section_names{'\0'};
    std::string body(sizeof(elf::FileHeader), '\0');
    std::vector<elf::SectionHeader> headers(1);
    const auto add = [&](std::string_view name, elf::SectionType type, const std::string& contents, u32 link = 0) {
        headers.push_back({.name = static_cast<u32>(section_names.size()), .type = static_cast<u32>(type), .flags = 0, .address = 0,
                           .offset = body.size(), .size = contents.size(), .link = link, .info = 0, .alignment = 1, .entry_size = 0});
        section_names.append(name).push_back('\0');
        body += contents;
    };
    std::string symbols(sizeof(elf::Symbol), '\0');
    for (const Symbol& symbol : module.symbols)
        append(symbols, elf::Symbol{static_cast<u32>(symbol.name), 0x10, 0, symbol.defined ? index_exports : elf::index_undefined, 0, 0});
    add(".modinfo", elf::SectionType::progbits, module.modinfo);
    add("__ksymtab_strings", elf::SectionType::progbits, module.exports);
    add("__versions", elf::SectionType::progbits, module.versions);
    add(".symtab", elf::SectionType::symtab, symbols, static_cast<u32>(headers.size() + 1));
    add(".strtab", elf::SectionType::strtab, module.names);
    if (module.fillers > 0)
        add(module.filler_name, elf::SectionType::progbits, "");
    for (std::size_t number = 1; number < module.fillers; ++number)
        headers.push_back(headers.back());
    const std::string all_names = section_names + ".names" + '\0';
    add(".names", elf::SectionType::strtab, all_names);

    elf::FileHeader header{};
    std::memcpy(header.ident, elf::magic, sizeof(elf::magic));
    header.ident[4] = elf::class_64;
    header.ident[5] = elf::data_little_endian;
    header.ident[6] = elf::version_current;
    header.type = static_cast<u16>(elf::FileType::relocatable);
    header.machine = static_cast<u16>(elf::Machine::x86_64);
    header.section_offset = body.size();
    header.header_size = sizeof(header);
    header.section_entry_size = sizeof(elf::SectionHeader);
    header.section_count = static_cast<u16>(headers.size());
    header.section_names = static_cast<u16>(headers.size() - 1);
    std::memcpy(body.data(), &header, sizeof(header));
    body.append(reinterpret_cast<const char*>(headers.data()), headers.size() * sizeof(elf::SectionHeader));
    return body;
}

// Names of one length that are all equal under h = 33 h + c: "bA" and "ab" are.
std::string colliding(std::size_t number)
{
    std::string name;
    for (unsigned bit = 0; bit < 16; ++bit)
        name += (number >> bit & 1) != 0 ? "bA" : "ab";
    return name;
}

std::string numbered(std::string_view prefix, std::size_t number)
{
    return std::string(prefix) + std::to_string(number);
}

void write(const std::string& folder, const std::string& name, const Module& module)
{
    const std::string path = folder + "/" + name + ".ko";
    const std::string image = image_of(module);
    std::FILE* file = std::fopen(path.c_str(), "w");
    if (file == nullptr || std::fwrite(image.data(), 1, image.size(), file) != image.size() || std::fclose(file) != 0) {
        std::perror(path.c_str());
        std::exit(1);
    }
}

// A few modules, most of which need each other in circles; the seed says which.
void write_graph(u32 seed, const std::string& folder)
{
    std::mt19937 random(seed);
    const std::size_t size = 3 + random() % 8;
    for (std::size_t number = 0; number < size; ++number) {
        Module module;
        module.provide(numbered("call", number));
        module.need(numbered("call", (number + 1 + random() % (size - 1)) % size));
        if (random() % 4 == 0)
            module.need(numbered("call", (number + 1 + random() % (size - 1)) % size));
        write(folder, numbered(std::string(1, static_cast<char>('a' + random() % 26)), number), module);
    }
}

void write_kind(std::string_view kind, std::size_t count, const std::string& folder)
{
    Module module;
    Module other;
    if (kind == "sections") {  // of one name, which is longer the more there are
        module.fillers = count;
        module.filler_name = "__ksymtab" + std::string(count * 16, 'x');
    }
    for (std::size_t number = 0; number < count; ++number) {
        if (kind == "exports")  // that collide in the hash of ELF
            module.provide(colliding(number));
        else if (kind == "needs")  // the same, none of which anybody provides
            other.need(colliding(number));
        else if (kind == "versions") {  // of symbols in the other order
            module.need(numbered("need", number));
            char entry[64] = {1};
            std::snprintf(entry + 8, sizeof(entry) - 8, "need%zu", count - 1 - number);
            module.versions.append(entry, sizeof(entry));
        } else if (kind == "aliases") {  // all of one name, in two modules
            module.alias("one");
            other.alias("one");
        } else if (kind == "prefixes") {  // a, aa, aaa: each ends where the next goes on
            module.alias(std::string(1, 'x') + std::string(number % 500, 'a') + numbered("b", number));
        } else if (kind == "ring") {  // of modules that need each other
            Module link;
            link.provide(numbered("call", number));
            link.need(numbered("call", (number + 1) % count));
            write(folder, numbered("ring", number), link);
        } else if (kind == "pairs") {  // of modules that need each other
            Module link;
            link.provide(numbered("call", number));
            link.need(numbered("call", number ^ 1));
            write(folder, numbered("pair", number), link);
        } else if (kind == "shared")  // symbols that share one long name
            module.symbols.push_back({1, false});
    }
    if (kind == "shared")
        module.names += std::string(1 << 20, 'n') + '\0';
    write(folder, "crafted", module);
    write(folder, "other", other);
}

}  // namespace

int main(int count, char** arguments)
{
    if (count != 4)
        return 2;
    const std::string_view kind = arguments[1];
    const auto number = std::strtoul(arguments[2], nullptr, 10);
    if (kind == "graph")
        write_graph(static_cast<u32>(number), arguments[3]);
    else
        write_kind(kind, number, arguments[3]);
}
