#include "module/elf/object_view.h"

#include "module/elf/object_reader.h"

namespace tenon::elf {

Result<ObjectView> ObjectView::read(Source& source, Diagnostics& diagnostics)
{
    return ObjectReader(source, diagnostics).run();
}

Result<ObjectView> ObjectView::parse(std::span<const std::byte> file, Diagnostics& diagnostics)
{
    MemorySource source(file);
    return read(source, diagnostics);
}

std::optional<u32> ObjectView::find_section(std::string_view name) const
{
    for (u32 index = 1; index < sections_.size(); ++index)
        if (section_name(index) == name)
            return index;
    return std::nullopt;
}

std::span<const std::byte> ObjectView::contents(u32 index) const
{
    const SectionHeader& section = sections_[index];
    if (section.is(SectionType::nobits) || section.is(SectionType::null))
        return {};
    const usize size = static_cast<usize>(section.size);
    if (!file_.empty())
        return file_.subspan(static_cast<usize>(section.offset), size);
    if (section_contents_[index] == nullptr)
        return {};
    return {section_contents_[index], size};
}

std::string_view ObjectView::symbol_name(const Symbol& symbol) const
{
    return symbol.name < strings_.size() ? std::string_view(terminated(strings_, symbol.name)) : std::string_view();
}

std::span<const Rela> ObjectView::relocations(u32 index) const
{
    const std::span<const std::byte> bytes = contents(index);
    return {reinterpret_cast<const Rela*>(bytes.data()), bytes.size() / sizeof(Rela)};
}

}  // namespace tenon::elf
