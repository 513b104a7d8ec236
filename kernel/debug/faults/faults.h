#pragma once

#include <string_view>

namespace tenon {

// Makes one of the mistakes that the debug kernel finds, by name; false when there is none of that name. For its tests, in the kernel
// (/proc/sys/kernel/plant_fault) and in the module `faults`.
bool plant_fault(std::string_view name);

}  // namespace tenon
