#pragma once

#include <span>
#include <vector>

#include "kernel/lib/types.h"
#include "tools/lib/depmod/module_record.h"

namespace tenon::tools {

struct Cycles {
    // Each as a list of numbers that starts and ends with the same module, no other twice.
    std::vector<std::vector<u32>> found;
    bool all = true;  // else there are more than anybody would read
};

// The cycles among `candidates` (as order_dependencies() leaves them): first those that one walk through all dependencies meets, in
// kmod's order, then what shares modules with them in other ways.
Cycles find_cycles(std::span<const ModuleRecord> records, std::span<const u32> candidates);

// How many of the `candidates` need themselves.
std::size_t count_in_cycles(std::span<const ModuleRecord> records, std::span<const u32> candidates);

}  // namespace tenon::tools
