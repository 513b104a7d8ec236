#pragma once

#include "kernel/lib/types.h"

// Why a report about this kernel may have to be read with care, from now to the next start: /proc/sys/kernel/tainted, with Linux's bits
// (Documentation/admin-guide/tainted-kernels).

namespace tenon::taint {

enum class Reason : u8 {
    proprietary_module = 0,
    forced_module = 1,  // loaded although it says that it was made for another kernel, or without asking it
    warned = 9,
    out_of_tree_module = 12,
};

// Every context.
void add(Reason reason);
void add_bits(u64 bits);
u64 bits();

}  // namespace tenon::taint
