#pragma once

#include "kernel/syscall/system_call.h"

namespace tenon::syscall {

Result<u64> sys_init_module(const Arguments& arguments);
Result<u64> sys_finit_module(const Arguments& arguments);
Result<u64> sys_delete_module(const Arguments& arguments);

}  // namespace tenon::syscall
