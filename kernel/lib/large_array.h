#pragma once

#include <memory>
#include <new>
#include <type_traits>

#include "kernel/lib/types.h"

// Arrays whose size a file chooses: they may be larger than the heap's blocks and need no memory in one piece. In the kernel, making
// or dropping one may let others have the processor: no spinlock is held, no interrupt is served.

namespace tenon {

namespace large_memory {

#if __STDC_HOSTED__
inline void* allocate(usize size)
{
    return ::operator new[](size, std::nothrow);
}
inline void release(void* memory)
{
    ::operator delete[](memory);
}
#else
// Aligned to 16 bytes, contents undefined. Null when there is no memory, or the thread has been killed. (kernel/mm)
void* allocate(usize size);
// Null is allowed.
void release(void* memory);
#endif

struct Release {
    void operator()(void* memory) const { release(memory); }
};

}  // namespace large_memory

template <typename T>
using LargeArray = std::unique_ptr<T[], large_memory::Release>;

// `count` elements with undefined contents; null without memory.
template <typename T>
[[nodiscard]] LargeArray<T> make_large_array(usize count)
{
    static_assert(std::is_trivially_default_constructible_v<T> && std::is_trivially_destructible_v<T> && alignof(T) <= 16);
    if (count > usize{PTRDIFF_MAX} / sizeof(T)) [[unlikely]]
        return nullptr;
    return LargeArray<T>(static_cast<T*>(large_memory::allocate(count * sizeof(T))));
}

}  // namespace tenon
