#include "module/elf/object_view.h"

#include <algorithm>

#include "module/elf/object_reader.h"

namespace tenon::elf {

Result<ObjectView> ObjectView::read(Source& source, Diagnostics& diagnostics)
{
    Result<ObjectView> view(std::in_place);
    if (const Result<> result = ObjectReader(source, diagnostics, *view).run(); !result)
        view = fail(result.error());
    return view;
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

std::span<const Rela> ObjectView::decoded_relocations(u32 index) const
{
    const std::span all(decoded_.get(), decoded_count_);
    const auto found = std::lower_bound(all.begin(), all.end(), index, [](const Decoded& a, u32 wanted) { return a.section < wanted; });
    return found != all.end() && found->section == index ? std::span<const Rela>(found->entries.get(), found->count) : std::span<const Rela>();
}

}  // namespace tenon::elf
