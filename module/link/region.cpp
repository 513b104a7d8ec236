#include "module/link/region.h"

namespace tenon::modlink {

std::string_view region_name(Region region)
{
    constexpr std::array<std::string_view, region_count> names = {
        "text", "rodata", "ro_after_init", "data", "init_text", "init_rodata", "init_data",
    };
    return names[index_of(region)];
}

}  // namespace tenon::modlink
