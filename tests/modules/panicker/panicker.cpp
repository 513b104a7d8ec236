// Breaks an invariant while it starts, three calls deep, so that a test can read the backtrace; or reads from a bad address.

#include "kernel/lib/panic.h"
#include <tenon/module.h>

namespace {

unsigned long address = 0;

[[gnu::noinline]] int innermost_function(int depth)
{
    if (address != 0)
        return *reinterpret_cast<volatile int*>(address);
    tenon::expect(depth < 0, "the panicker was loaded");
    return depth;
}

[[gnu::noinline]] int outer_function(int depth)
{
    return innermost_function(depth + 1) + 1;
}

int start()
{
    return outer_function(1);
}

}  // namespace

module_init(start);
module_param(address, ulong, 0);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: panics");
