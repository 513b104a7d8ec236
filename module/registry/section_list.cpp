#include "module/registry/section_list.h"

#include <cstring>
#include <new>

namespace tenon::modreg {

namespace {

// Calls visit(section, its plan) for every section that is loaded and not empty.
template <typename Visit>
void for_each_shown(const elf::ObjectView& view, const modlink::Layout& layout, Visit&& visit)
{
    const modlink::SectionPlan* plan = layout.sections().data();
    for (const elf::SectionHeader& section : view.sections()) {
        if (plan->region && section.size != 0)
            visit(section, *plan);
        ++plan;
    }
}

}  // namespace

Result<> SectionList::record(const elf::ObjectView& view, const modlink::Layout& layout)
{
    constexpr usize longest_names = 0xffff;
    const std::span<const char> names = view.section_names();
    if (names.size() > longest_names)
        return {};
    u32 count = 0;
    for_each_shown(view, layout, [&](const auto&, const auto&) { ++count; });
    entries_.reset(new (std::nothrow) Entry[count + (names.size() + sizeof(Entry) - 1) / sizeof(Entry)]);
    if (!entries_)
        return fail(Errno::nomem);
    count_ = count;
    Entry* entry = entries_.get();
    for_each_shown(view, layout, [&](const elf::SectionHeader& section, const modlink::SectionPlan& plan) {
        *entry++ = {static_cast<u32>(plan.offset), static_cast<u16>(section.name), *plan.region};
    });
    std::memcpy(static_cast<void*>(entry), names.data(), names.size());
    return {};
}

SectionList::Section SectionList::operator[](u32 index) const
{
    const Entry& entry = entries_[index];
    return {reinterpret_cast<const char*>(&entries_[count_]) + entry.name, entry.region, entry.offset};
}

}  // namespace tenon::modreg
