#pragma once

#include <array>

#include "kernel/lib/types.h"

namespace tenon {

// Who a process acts for. Only the process itself changes it.
struct Credentials {
    static constexpr usize max_groups = 32;

    u32 user = 0;
    u32 effective_user = 0;
    u32 saved_user = 0;
    u32 group = 0;
    u32 effective_group = 0;
    u32 saved_group = 0;
    std::array<u32, max_groups> groups{};
    usize group_count = 0;

    bool is_privileged() const { return effective_user == 0; }
};

}  // namespace tenon
