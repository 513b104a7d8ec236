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
        if (is_named(sections_[index], name))
            return index;
    return std::nullopt;
}

std::string_view ObjectView::symbol_name(const Symbol& symbol) const
{
    return symbol.name < strings_.size() ? std::string_view(terminated(strings_, symbol.name)) : std::string_view();
}

}  // namespace tenon::elf
