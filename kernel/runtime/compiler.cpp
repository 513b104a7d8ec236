// What compiled code calls where the instruction set without FP registers has no instruction for it (GCC internals, "Integer library
// routines"); modules call it too.

#include "kernel/lib/types.h"
#include <tenon/api.h>

extern "C" TENON_API int __popcountdi2(tenon::u64 value)
{
    value -= (value >> 1) & 0x5555'5555'5555'5555;
    value = (value & 0x3333'3333'3333'3333) + ((value >> 2) & 0x3333'3333'3333'3333);
    value = (value + (value >> 4)) & 0x0f0f'0f0f'0f0f'0f0f;
    return static_cast<int>((value * 0x0101'0101'0101'0101) >> 56);
}
