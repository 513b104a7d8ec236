// skip_pads FILE: changes the linked kernel in place: direct branches to a function that begins with a landing pad (BTI C) go to the instruction
// behind it. Only indirect branches need the pad; for the others it is one instruction more in every call. Reads lines of `readelf -sW
// FILE`, whose mapping symbols ($x, $d: ELF for the Arm 64-bit Architecture, "Mapping symbols") tell code from data.

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "kernel/lib/bits.h"
#include "mk/symbol_lines.h"
#include "module/elf/format.h"

namespace {

using tenon::u32;
using tenon::u64;
namespace elf = tenon::elf;

constexpr u32 landing_pad = 0xd503245f;

// Where code ($x) and data ($d) begin.
std::map<u64, bool> read_mapping(std::istream& input)
{
    std::map<u64, bool> is_code;
    for_each_symbol(input, [&](const SymbolLine& symbol) {
        if (symbol.name.starts_with("$x") || symbol.name.starts_with("$d"))
            is_code[symbol.address] = symbol.name[1] == 'x';
    });
    return is_code;
}

class Text {
public:
    // The section .text of the file; `file` outlives it.
    static Text of(std::string& file)
    {
        elf::FileHeader header;
        std::memcpy(&header, file.data(), sizeof(header));
        elf::SectionHeader names;
        std::memcpy(&names, file.data() + header.section_offset + header.section_names * sizeof(names), sizeof(names));
        for (u32 index = 1; index < header.section_count; ++index) {
            elf::SectionHeader section;
            std::memcpy(&section, file.data() + header.section_offset + index * sizeof(section), sizeof(section));
            if (std::string_view(file.data() + names.offset + section.name) == ".text")
                return {file.data() + section.offset, section.address, section.size};
        }
        return {nullptr, 0, 0};
    }

    u64 start() const { return address_; }
    u64 end() const { return address_ + size_; }
    bool contains(u64 address) const { return address >= start() && address < end(); }
    u32 at(u64 address) const
    {
        u32 word;
        std::memcpy(&word, bytes_ + (address - address_), sizeof(word));
        return word;
    }
    void put(u64 address, u32 word) { std::memcpy(bytes_ + (address - address_), &word, sizeof(word)); }

private:
    Text(char* bytes, u64 address, u64 size) : bytes_(bytes), address_(address), size_(size) {}

    char* bytes_;
    u64 address_;
    u64 size_;
};

// B or BL (Arm ARM C4.1.65); the offset counts words, in 26 bits.
bool is_direct_branch(u32 instruction)
{
    return (instruction & 0x7c00'0000) == 0x1400'0000;
}

u64 target_of(u64 address, u32 instruction)
{
    return address + static_cast<u64>(static_cast<std::int64_t>(static_cast<std::int32_t>(instruction << 6)) >> 4);
}

u32 with_target(u32 instruction, u64 address, u64 target)
{
    return (instruction & 0xfc00'0000) | (static_cast<u32>((target - address) >> 2) & 0x03ff'ffff);
}

unsigned skip_pads(Text text, const std::map<u64, bool>& is_code)
{
    unsigned count = 0;
    bool code = false;
    for (u64 address = text.start(); address < text.end(); address += sizeof(u32)) {
        if (const auto mapping = is_code.find(address); mapping != is_code.end())
            code = mapping->second;
        const u32 instruction = text.at(address);
        if (!code || !is_direct_branch(instruction))
            continue;
        const u64 target = target_of(address, instruction);
        if (!text.contains(target) || text.at(target) != landing_pad)
            continue;
        text.put(address, with_target(instruction, address, target + sizeof(u32)));
        ++count;
    }
    return count;
}

}  // namespace

int main(int count, char** arguments)
{
    if (count != 2) {
        std::cerr << "usage: readelf -sW FILE | skip_pads FILE\n";
        return 2;
    }
    std::ifstream input(arguments[1], std::ios::binary);
    std::string file{std::istreambuf_iterator<char>(input), {}};
    if (file.size() < sizeof(elf::FileHeader) || skip_pads(Text::of(file), read_mapping(std::cin)) == 0) {
        std::cerr << "skip_pads: " << arguments[1] << " has no call that could be made shorter: that cannot be\n";
        return 1;
    }
    std::ofstream output(arguments[1], std::ios::binary | std::ios::in | std::ios::out);
    output.write(file.data(), static_cast<std::streamsize>(file.size()));
    return output ? 0 : 1;
}
