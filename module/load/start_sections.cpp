#include "module/load/start_sections.h"

#include <cstring>

#include "kernel/lib/checked.h"

namespace tenon::modload {
namespace {

bool is_named_for_start(const char* name)
{
    constexpr usize size = 6;
    return (std::strncmp(name, ".ctors", size) == 0 || std::strncmp(name, ".dtors", size) == 0) &&
           (name[size] == '\0' || name[size] == '.');
}

bool is_array_of_functions(const elf::SectionHeader& section)
{
    return section.is(elf::SectionType::init_array) || section.is(elf::SectionType::fini_array) ||
           section.is(elf::SectionType::preinit_array);
}

}  // namespace

Result<> check_start_sections(const elf::ObjectView& view, const modlink::Layout& layout, const modlink::SectionPlaces& places,
                              std::span<void (*const)()> constructors, elf::Diagnostics& diagnostics)
{
    if (!layout.has_start_sections()) [[likely]]
        return {};
    return layout.for_each_loaded(view, [&](u32 index, const elf::SectionHeader& section, const modlink::SectionPlan&) -> Result<> {
        if (section.size == 0 || (!is_array_of_functions(section) && !is_named_for_start(view.name_of(section)))) [[likely]]
            return {};
        const u64 offset = places[index].place - reinterpret_cast<u64>(constructors.data());
        if (section.is(elf::SectionType::init_array) && range_fits(offset, section.size, constructors.size_bytes()))
            return {};
        return diagnostics.fail(Errno::noexec, "section {} ({}): nobody would call its functions; constructors belong into .init_array",
                                index, view.section_name(index));
    });
}

}  // namespace tenon::modload
