// Breaks an invariant while it starts, three calls deep, so that a test can read the backtrace; or reads from a bad address; or overruns
// an array on its stack.

#include "kernel/lib/panic.h"
#include <tenon/module.h>

namespace {

unsigned long address = 0;
unsigned long overrun = 0;

// Writes `size` bytes into room for 16.
[[gnu::noinline]] void careless_function(unsigned long size)
{
    char room[16];
    volatile char* out = room;
    for (unsigned long i = 0; i < size; ++i)
        out[i] = 'x';
}

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
    if (overrun != 0)
        careless_function(overrun);
    return outer_function(1);
}

}  // namespace

module_init(start);
module_param(address, ulong, 0);
module_param(overrun, ulong, 0);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: panics");
