#pragma once

#include "kernel/syscall/system_call.h"

// Waiting for several files.

namespace tenon::syscall {

Result<u64> sys_ppoll(const Arguments& arguments);
Result<u64> sys_pselect6(const Arguments& arguments);

}  // namespace tenon::syscall
