#include "tests/differential/other_linker.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "module/elf/format.h"
#include "tests/differential/neutral_object.h"

namespace tenon::test {
namespace {

constexpr std::string_view got_base = "_GLOBAL_OFFSET_TABLE_";

std::string hex(u64 value)
{
    char text[32];
    std::snprintf(text, sizeof(text), "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

std::string read_file(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void write_file(const std::string& path, std::span<const std::byte> bytes)
{
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

OtherLinker::Linked read_result(const std::string& file)
{
    OtherLinker::Linked linked;
    elf::FileHeader header;
    if (file.size() < sizeof(header))
        return OtherLinker::failed("no output");
    std::memcpy(&header, file.data(), sizeof(header));
    const auto* sections = reinterpret_cast<const elf::SectionHeader*>(file.data() + header.section_offset);
    const char* names = file.data() + sections[header.section_names].offset;
    for (u32 index = 1; index < header.section_count; ++index) {
        const elf::SectionHeader& section = sections[index];
        const std::string_view name = names + section.name;
        std::vector<std::byte> bytes(section.allocated() ? section.size : 0);
        if (!section.is(elf::SectionType::nobits) && !bytes.empty())
            std::memcpy(bytes.data(), file.data() + section.offset, bytes.size());
        if (name.starts_with(".got.")) {
            linked.got_bytes = std::move(bytes);
            linked.got = {section.address, linked.got_bytes};
        } else if (name.starts_with(".s") && name[2] >= '0' && name[2] <= '9') {
            linked.sections[static_cast<u32>(std::atoi(name.data() + 2))] = std::move(bytes);
        }
    }
    return linked;
}

// The undefined symbols with our values. They stand in a section of their own that takes no room in the file, since other linkers leave references to
// absolute symbols unrelaxed; only those below the first page are absolute.
void add_outside(const ::modlink::Output& ours, std::multimap<u64, std::string>& lines)
{
    constexpr u64 first_page = 4096;
    std::multimap<u64, std::string> symbols;
    for (const ::modlink::Symbol& symbol : ours.symbols)
        if (symbol.undefined && symbol.address != 0 && symbol.name != got_base)
            symbols.emplace(symbol.address, symbol.name);
    const auto outside = symbols.lower_bound(first_page);
    std::string section;
    u64 here = outside != symbols.end() ? outside->first : 0;
    for (auto symbol = outside; symbol != symbols.end(); here = symbol++->first)
        section += "    . += " + hex(symbol->first - here) + "; \"" + symbol->second + "\" = .;\n";
    if (outside != symbols.end())
        lines.emplace(outside->first, ".outside " + hex(outside->first) + " (NOLOAD) : {\n" + section + "  }");
    for (auto symbol = symbols.begin(); symbol != outside; ++symbol)
        lines.emplace(0, "\"" + symbol->second + "\" = " + hex(symbol->first) + ";");
}

// The GOT where our entries are. GNU ld for AArch64 keeps a word of 0 in front of its entries: that stands before ours, but for objects that refer
// to the start of the GOT; their first entry must hold 0. On x86-64 the start of the GOT is .got.plt, with words of its own over our entries.
void add_got(const ::modlink::Output& ours, bool is_lld, std::multimap<u64, std::string>& lines)
{
    const bool base_matters = std::any_of(ours.symbols.begin(), ours.symbols.end(),
                                          [](const ::modlink::Symbol& symbol) { return symbol.name == got_base; });
    const bool is_arm64 = ours.machine == ::modlink::Machine::aarch64;
    for (const ::modlink::Region& region : ours.regions) {
        if (region.slots == 0)
            continue;
        const u64 address = region.address + region.cell_offset - (is_arm64 && !is_lld && !base_matters ? 8 : 0);
        const std::string number = std::to_string(static_cast<int>(region.kind));
        lines.emplace(address, ".got." + number + " " + hex(address) + " : { *(.got)" + (is_arm64 ? " *(.got.plt)" : "") + " }");
        if (!is_arm64)
            lines.emplace(address, ".base." + number + " " + hex(address) + " : { *(.got.plt) }");
    }
}

}  // namespace

// Every section at our address, in that order, as lld overlaps others; every undefined symbol with our value.
std::string OtherLinker::script_for(const ::modlink::Output& ours) const
{
    std::multimap<u64, std::string> lines;
    std::string discarded;
    for (const ::modlink::Section& section : ours.sections) {
        const std::string name = neutral_name(section.index);
        // An empty section first: behind another at the same address lld would go back in the file.
        const auto position = section.size == 0 ? lines.lower_bound(section.address) : lines.upper_bound(section.address);
        if (section.region)
            lines.emplace_hint(position, section.address, "." + name + " " + hex(section.address) + " : { *(" + name + ") }");
        else
            discarded += " *(" + name + ")";
    }
    add_got(ours, command_.find("lld") != std::string::npos, lines);
    add_outside(ours, lines);
    std::ostringstream script;
    script << "SECTIONS {\n";
    for (const auto& [address, line] : lines)
        script << "  " << line << "\n";
    script << "  /DISCARD/ : {" << discarded << " *(.comment) *(.note.GNU-stack) *(.eh_frame) *(.iplt) }\n}\n";
    return script.str();
}

int OtherLinker::run(std::span<const std::byte> object, const ::modlink::Output& ours, std::string_view options) const
{
    write_file(folder_ + "/object.o", neutral_object(object));
    std::ofstream(folder_ + "/script.ld") << script_for(ours);
    std::remove((folder_ + "/linked").c_str());
    const std::string command = command_ + " -static -nostdlib -e 0 --no-check-sections -z noexecstack " + std::string(options) + " -T " + folder_ +
                                "/script.ld " + folder_ + "/object.o -o " + folder_ + "/linked >" + folder_ + "/log 2>&1";
    return std::system(command.c_str());
}

OtherLinker::Linked OtherLinker::link(std::span<const std::byte> object, const ::modlink::Output& ours) const
{
    if (run(object, ours, "") != 0)
        return failed("other linker: " + read_file(folder_ + "/log"));
    return read_result(read_file(folder_ + "/linked"));
}

// GNU ld stops to count overflows after the tenth unless it is verbose, lld errors after the twentieth.
std::string OtherLinker::complaints(std::span<const std::byte> object, const ::modlink::Output& ours) const
{
    run(object, ours, command_.find("lld") != std::string::npos ? "--error-limit=0" : "--verbose");
    return read_file(folder_ + "/log");
}

}  // namespace tenon::test
