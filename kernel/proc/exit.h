#pragma once

#include "kernel/lib/types.h"

namespace tenon {

// Ends the calling process. The status is as wait4 reports it.
[[noreturn]] void exit_with_code(int code);
[[noreturn]] void exit_by_signal(int number);

}  // namespace tenon
