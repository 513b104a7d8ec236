#include "module/registry/section_list.h"

#include <cstring>
#include <new>

namespace tenon::modreg {

Result<> SectionList::record(const elf::ObjectView& view, const modlink::Layout& layout)
{
    constexpr usize longest_names = 0xffff;
    const std::span<const char> names = view.section_names();
    if (names.size() > longest_names)
        return {};
    const auto plans = layout.sections();
    const auto is_shown = [&](usize index) { return plans[index].region && view.sections()[index].size != 0; };
    u32 count = 0;
    for (usize index = 1; index < plans.size(); ++index)
        count += is_shown(index) ? 1 : 0;
    entries_.reset(new (std::nothrow) Entry[count + (names.size() + sizeof(Entry) - 1) / sizeof(Entry)]);
    if (!entries_)
        return fail(Errno::nomem);
    for (usize index = 1; index < plans.size(); ++index)
        if (is_shown(index))
            entries_[count_++] = {static_cast<u32>(plans[index].offset), static_cast<u16>(view.sections()[index].name), *plans[index].region};
    std::memcpy(static_cast<void*>(&entries_[count_]), names.data(), names.size());
    return {};
}

SectionList::Section SectionList::operator[](u32 index) const
{
    const Entry& entry = entries_[index];
    return {reinterpret_cast<const char*>(&entries_[count_]) + entry.name, entry.region, entry.offset};
}

}  // namespace tenon::modreg
