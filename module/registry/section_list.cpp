#include "module/registry/section_list.h"

#include <cstring>
#include <new>

namespace tenon::modreg {

Result<> SectionList::record(const elf::ObjectView& view, const modlink::Layout& layout)
{
    constexpr usize longest_names = 0xffff;
    constexpr u32 most_sections = 1024;
    const std::span<const char> names = view.section_names();
    if (names.size() > longest_names)
        return {};
    const u32 count = layout.nonempty_count();
    if (count > most_sections)
        return {};
    entries_.reset(new (std::nothrow) Entry[count + (names.size() + sizeof(Entry) - 1) / sizeof(Entry)]);
    if (!entries_)
        return fail(Errno::nomem);
    count_ = count;
    Entry* entry = entries_.get();
    TRY(layout.for_each_loaded(view, [&](u32, const elf::SectionHeader& section, const modlink::SectionPlan& plan) -> Result<> {
        if (section.size != 0)
            *entry++ = {static_cast<u32>(plan.offset), static_cast<u16>(section.name), *plan.region};
        return {};
    }));
    std::memcpy(static_cast<void*>(entry), names.data(), names.size());
    return {};
}

SectionList::Section SectionList::operator[](u32 index) const
{
    const Entry& entry = entries_[index];
    return {reinterpret_cast<const char*>(&entries_[count_]) + entry.name, entry.region, entry.offset};
}

}  // namespace tenon::modreg
