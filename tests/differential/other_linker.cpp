#include "tests/differential/other_linker.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "module/elf/format.h"
#include "tests/differential/neutral_object.h"

namespace tenon::test {
namespace {

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

// Every section at our address, in that order, as lld overlaps others; every undefined symbol with our value; the GOT where our
// slots are.
std::string script_for(const ::modlink::Output& ours)
{
    std::multimap<u64, std::string> lines;
    std::string discarded;
    for (const ::modlink::Section& section : ours.sections) {
        const std::string name = neutral_name(section.index);
        if (section.region)
            lines.emplace(section.address, "." + name + " " + hex(section.address) + " : { *(" + name + ") }");
        else
            discarded += " *(" + name + ")";
    }
    for (const ::modlink::Region& region : ours.regions) {
        const u64 address = region.address + region.cell_offset;
        if (region.slots != 0)
            lines.emplace(address, ".got." + std::to_string(static_cast<int>(region.kind)) + " " + hex(address) +
                                       " : { *(.got) *(.got.plt) }");
    }
    std::ostringstream script;
    script << "SECTIONS {\n";
    for (const auto& [address, line] : lines)
        script << "  " << line << "\n";
    script << "  /DISCARD/ : {" << discarded << " *(.comment) *(.note.GNU-stack) *(.eh_frame) *(.iplt) }\n}\n";
    for (const ::modlink::Symbol& symbol : ours.symbols)
        if (symbol.undefined && symbol.address != 0)
            script << "\"" << symbol.name << "\" = " << hex(symbol.address) << ";\n";
    return script.str();
}

std::map<u32, std::vector<std::byte>> sections_of(const std::string& file)
{
    std::map<u32, std::vector<std::byte>> result;
    elf::FileHeader header;
    if (file.size() < sizeof(header))
        return result;
    std::memcpy(&header, file.data(), sizeof(header));
    const auto* sections = reinterpret_cast<const elf::SectionHeader*>(file.data() + header.section_offset);
    const char* names = file.data() + sections[header.section_names].offset;
    for (u32 index = 1; index < header.section_count; ++index) {
        const elf::SectionHeader& section = sections[index];
        const char* name = names + section.name;
        if (name[0] != '.' || name[1] != 's' || name[2] < '0' || name[2] > '9')
            continue;
        std::vector<std::byte> bytes(section.size);
        if (!section.is(elf::SectionType::nobits))
            std::memcpy(bytes.data(), file.data() + section.offset, bytes.size());
        result[static_cast<u32>(std::atoi(name + 2))] = std::move(bytes);
    }
    return result;
}

}  // namespace

OtherLinker::Linked OtherLinker::link(std::span<const std::byte> object, const ::modlink::Output& ours) const
{
    const std::string input = folder_ + "/object.o";
    const std::string script = folder_ + "/script.ld";
    const std::string output = folder_ + "/linked";
    const std::string log = folder_ + "/log";
    write_file(input, neutral_object(object));
    std::ofstream(script) << script_for(ours);
    std::remove(output.c_str());
    const std::string command = command_ + " -static -nostdlib -e 0 --no-check-sections -z noexecstack -T " + script + " " + input +
                                " -o " + output + " >" + log + " 2>&1";
    Linked linked;
    if (std::system(command.c_str()) != 0)
        linked.error = read_file(log).substr(0, 600);
    else
        linked.sections = sections_of(read_file(output));
    return linked;
}

}  // namespace tenon::test
