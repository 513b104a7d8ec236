#include "tests/differential/random/refusals.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "arch/arm64/reloc/relocator.h"
#include "arch/x86/reloc/relocator.h"

namespace tenon::test {
namespace {

std::string type_name(elf::Machine machine, u32 type)
{
    const modlink::Relocator& relocator = machine == elf::Machine::aarch64 ? arch::arm64::relocator() : arch::x86::relocator();
    const auto text = relocator.describe(type);
    return text ? std::string(text->name) : std::string();
}

std::optional<u64> number_at(std::string_view text, int base)
{
    u64 value;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    return error == std::errc() ? std::optional(value) : std::nullopt;
}

template <typename T>
T read_at(const std::vector<std::byte>& bytes, u64 offset)
{
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof(value));
    return value;
}

}  // namespace

OurRefusals our_refusals(const Sample& sample, const std::vector<std::string>& problems)
{
    OurRefusals refusals;
    for (const std::string& problem : problems) {
        const usize plus = problem.find("+0x");
        const auto section = std::find(sample.section_names.begin(), sample.section_names.end(), problem.substr(0, plus));
        const auto offset = plus != std::string::npos ? number_at(std::string_view(problem).substr(plus + 3), 16) : std::nullopt;
        const u32 index = static_cast<u32>(section - sample.section_names.begin());
        const auto site = std::find_if(sample.sites.begin(), sample.sites.end(),
                                       [&](const Site& entry) { return entry.section == index && offset == entry.offset; });
        if (site == sample.sites.end() || problem.find(": " + type_name(sample.machine, site->kind->type) + ": ") == std::string::npos) {
            refusals.error = "does not name the relocation that it refuses: " + problem;
            return refusals;
        }
        refusals.places.insert({index, *offset});
    }
    return refusals;
}

Places their_refusals(std::string_view log)
{
    Places places;
    for (usize at = 0; (at = log.find("+0x", at)) != std::string_view::npos; at += 3) {
        const usize start = log.find_last_not_of("0123456789", at - 1);
        if (start == std::string_view::npos || log[start] != 's' || start + 1 == at)
            continue;
        const auto section = number_at(log.substr(start + 1), 10);
        const auto offset = number_at(log.substr(at + 3), 16);
        if (section && offset)
            places.insert({static_cast<u32>(*section), *offset});
    }
    return places;
}

bool stands_as_planned(const Sample& sample, const ::modlink::Output& output)
{
    return std::all_of(output.sections.begin(), output.sections.end(), [&](const ::modlink::Section& section) {
        return section.index >= sample.section_addresses.size() || section.address == sample.section_addresses[section.index];
    });
}

std::vector<std::byte> without(const Sample& sample, const Places& places)
{
    std::vector<std::byte> object = sample.object;
    const auto file = read_at<elf::FileHeader>(object, 0);
    for (u32 index = 1; index < file.section_count; ++index) {
        const auto section = read_at<elf::SectionHeader>(object, file.section_offset + index * sizeof(elf::SectionHeader));
        if (!section.is(elf::SectionType::rela))
            continue;
        for (u64 at = section.offset; at < section.offset + section.size; at += sizeof(elf::Rela)) {
            elf::Rela entry = read_at<elf::Rela>(object, at);
            if (!places.contains({section.info, entry.offset}))
                continue;
            entry.info = 0;  // R_AARCH64_NONE, R_X86_64_NONE
            entry.addend = 0;
            std::memcpy(object.data() + at, &entry, sizeof(entry));
        }
    }
    return object;
}

}  // namespace tenon::test
