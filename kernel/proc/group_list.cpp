#include "kernel/proc/group_list.h"

#include <algorithm>
#include <new>

namespace tenon {

Result<Ref<const GroupList>> GroupList::create(std::span<const u32> groups)
{
    if (groups.size() > max_size)
        return fail(Errno::inval);
    std::unique_ptr<u32[]> sorted(new (std::nothrow) u32[groups.size()]);
    if (!sorted)
        return fail(Errno::nomem);
    std::copy(groups.begin(), groups.end(), sorted.get());
    std::sort(sorted.get(), sorted.get() + groups.size());
    Ref<const GroupList> list = adopt_ref<const GroupList>(new (std::nothrow) GroupList(std::move(sorted), groups.size()));
    if (!list)
        return fail(Errno::nomem);
    return list;
}

bool GroupList::contains(u32 group) const
{
    return std::binary_search(view().begin(), view().end(), group);
}

}  // namespace tenon
