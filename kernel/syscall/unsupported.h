#pragma once

#include "kernel/syscall/system_call.h"

// Calls that programs make for features that no file system here has: they get the answer of a Linux file system without the
// feature, instead of ENOSYS, which programs report as an error.

namespace tenon::syscall {

// Extended attributes: Errno::opnotsupp.
Result<u64> sys_extended_attribute(const Arguments& arguments);

}  // namespace tenon::syscall
