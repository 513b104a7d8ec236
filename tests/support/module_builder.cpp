#include "tests/support/module_builder.h"

#include <cstddef>
#include <cstring>

#include "kernel/lib/bits.h"
#include "module/load/description.h"

namespace tenon::test {
namespace {

using Part = ModuleBuilder::Part;

struct PartSection {
    std::string_view name;
    u64 flags;
};

constexpr u64 r_x86_64_64 = 1;
constexpr u64 constant = elf::section_alloc;
constexpr u64 code = elf::section_alloc | elf::section_exec;
constexpr u64 variable = elf::section_alloc | elf::section_write;

constexpr std::array<PartSection, ModuleBuilder::part_count> part_sections = {{
    {".gnu.linkonce.this_module", variable},
    {".modinfo", constant},
    {".text", code},
    {".rodata", constant},
    {".data", variable},
    {".init.text", code},
    {".init.data", variable},
    {".data..ro_after_init", variable},
}};

}  // namespace

ModuleBuilder::ModuleBuilder(std::string_view name)
{
    header_.magic = ModuleHeader::expected_magic;
    header_.size = sizeof(ModuleHeader);
    std::memcpy(header_.name, name.data(), name.size());
    append_text(Part::modinfo, "vermagic=" + std::string(modload::expected_vermagic()));
    append_text(Part::modinfo, "name=" + std::string(name));
    append_text(Part::modinfo, "license=GPL");
    append(Part::text, std::vector<std::byte>(16, std::byte{0xc3}));  // ret
    append(Part::init_text, std::vector<std::byte>(16, std::byte{0xc3}));
    point(field(offsetof(ModuleHeader, handle)), append_object(Part::rodata, u64{0}));
}

ModuleBuilder::Place ModuleBuilder::append(Part part, std::span<const std::byte> bytes, usize alignment)
{
    std::vector<std::byte>& contents = contents_[static_cast<usize>(part)];
    contents.resize(align_up(contents.size(), alignment));
    const Place place{part, contents.size()};
    contents.insert(contents.end(), bytes.begin(), bytes.end());
    return place;
}

ModuleBuilder::Place ModuleBuilder::append_text(Part part, std::string_view text)
{
    const std::string terminated(text);
    return append(part, std::as_bytes(std::span(terminated.c_str(), terminated.size() + 1)), 1);
}

ModuleBuilder::Place ModuleBuilder::add_export(Place name, Place value, Part part)
{
    const Place place = append_object(part, ExportedSymbol{});
    if (header_.export_count++ == 0)
        point(field(offsetof(ModuleHeader, exports)), place);
    point({part, place.offset + offsetof(ExportedSymbol, name)}, name);
    point({part, place.offset + offsetof(ExportedSymbol, value)}, value);
    return place;
}

ModuleBuilder::Place ModuleBuilder::add_parameter(const Parameter& parameter, Place name, Place target, Part part)
{
    const Place place = append_object(part, parameter);
    if (header_.parameter_count++ == 0)
        point(field(offsetof(ModuleHeader, parameters)), place);
    point({part, place.offset + offsetof(Parameter, name)}, name);
    point({part, place.offset + offsetof(Parameter, target)}, target);
    return place;
}

std::vector<std::byte> ModuleBuilder::build()
{
    append_object(Part::header, header_);
    std::array<u32, part_count> sections{};
    std::array<u32, part_count> symbols{};
    for (usize part = 0; part < part_count; ++part) {
        if (contents_[part].empty())
            continue;
        sections[part] = object_.section({.name = part_sections[part].name, .flags = part_sections[part].flags}, contents_[part]);
        symbols[part] = object_.symbol({.name = "",
                                        .section = static_cast<u16>(sections[part]),
                                        .binding = elf::SymbolBinding::local,
                                        .type = elf::SymbolType::section});
    }
    for (const Pointer& pointer : pointers_)
        object_.relocation(sections[static_cast<usize>(pointer.from.part)], pointer.from.offset, r_x86_64_64,
                           symbols[static_cast<usize>(pointer.to.part)], static_cast<i64>(pointer.to.offset));
    return object_.build();
}

}  // namespace tenon::test
