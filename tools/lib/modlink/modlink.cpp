#include <modlink/modlink.h>

#include <algorithm>

#include "module/elf/metadata_view.h"
#include "module/link/region.h"
#include "tools/lib/modlink/session.h"

namespace modlink {

std::string_view name_of(Machine machine)
{
    return machine == Machine::aarch64 ? "aarch64" : "x86-64";
}

std::string_view name_of(RegionKind kind)
{
    return tenon::modlink::region_name(static_cast<tenon::modlink::Region>(kind));
}

const Region* Output::region(RegionKind kind) const
{
    const auto found = std::find_if(regions.begin(), regions.end(), [&](const Region& entry) { return entry.kind == kind; });
    return found != regions.end() ? &*found : nullptr;
}

Output link(std::span<const std::byte> object, const Options& options)
{
    return Session(object, options).link();
}

Output layout(std::span<const std::byte> object, const Options& options)
{
    return Session(object, options).layout();
}

std::vector<std::pair<std::string_view, std::string_view>> modinfo(std::span<const std::byte> object)
{
    std::vector<std::pair<std::string_view, std::string_view>> entries;
    const auto view = tenon::elf::MetadataView::parse(object);
    if (!view)
        return entries;
    for (const tenon::elf::Modinfo::Entry& entry : view->modinfo())
        entries.emplace_back(entry.key, entry.value);
    return entries;
}

}  // namespace modlink
