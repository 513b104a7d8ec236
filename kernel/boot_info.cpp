#include "kernel/boot_info.h"

#include <algorithm>

#include "kernel/command_line.h"

namespace tenon {

void RangeList::subtract(PhysRange hole)
{
    RangeList result;
    for (const auto& range : all()) {
        if (hole.size() == 0 || hole.end <= range.start || hole.start >= range.end) {
            result.add(range);
            continue;
        }
        result.add({range.start, std::max(range.start, hole.start)});
        result.add({std::min(range.end, hole.end), range.end});
    }
    *this = result;
}

std::optional<std::string_view> boot_argument(std::string_view name)
{
    return command_line::find_parameter(boot_info().command_line.view(), name);
}

}  // namespace tenon
