#include "tests/differential/neutral_object.h"

#include <cstring>

#include "kernel/lib/bits.h"
#include "module/elf/format.h"

namespace tenon::test {

std::string neutral_name(u32 section)
{
    return "s" + std::to_string(section);
}

std::vector<std::byte> neutral_object(std::span<const std::byte> object)
{
    std::vector<std::byte> copy(object.begin(), object.end());
    copy.resize(static_cast<usize>(align_up(copy.size(), 8)));
    elf::FileHeader file;
    std::memcpy(&file, copy.data(), sizeof(file));

    std::string names(1, '\0');
    for (u32 index = 1; index < file.section_count; ++index) {
        const usize at = static_cast<usize>(file.section_offset) + index * sizeof(elf::SectionHeader);
        elf::SectionHeader header;
        std::memcpy(&header, copy.data() + at, sizeof(header));
        header.name = static_cast<u32>(names.size());
        names += neutral_name(index);
        names += '\0';
        header.flags &= ~(elf::section_merge | elf::section_strings | elf::section_group);
        if (header.allocated() && !header.is(elf::SectionType::nobits))
            header.type = static_cast<u32>(elf::SectionType::progbits);
        if (header.is(elf::SectionType::group))
            header.type = static_cast<u32>(elf::SectionType::null);
        std::memcpy(copy.data() + at, &header, sizeof(header));
    }

    const usize table = static_cast<usize>(file.section_offset) + file.section_names * sizeof(elf::SectionHeader);
    elf::SectionHeader header;
    std::memcpy(&header, copy.data() + table, sizeof(header));
    header.offset = copy.size();
    header.size = names.size();
    std::memcpy(copy.data() + table, &header, sizeof(header));
    const std::span<const std::byte> bytes = std::as_bytes(std::span(names));
    copy.insert(copy.end(), bytes.begin(), bytes.end());
    return copy;
}

}  // namespace tenon::test
