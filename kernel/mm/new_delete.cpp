#include <algorithm>
#include <bit>
#include <cstring>
#include <new>

#include "kernel/lib/checked.h"
#include "kernel/mm/heap.h"
#include <tenon/api.h>

// The language's and the C libraries' names for the heap. Modules link against them, hence the exports.

using namespace tenon;

TENON_API void* operator new(std::size_t size, const std::nothrow_t&) noexcept
{
    return heap::allocate(size);
}

TENON_API void* operator new[](std::size_t size, const std::nothrow_t&) noexcept
{
    return heap::allocate(size);
}

// Sizes of a power of two are naturally aligned.
TENON_API void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept
{
    return heap::allocate(std::bit_ceil(std::max(size, static_cast<std::size_t>(alignment))));
}

TENON_API void operator delete(void* pointer) noexcept
{
    heap::release(pointer);
}

TENON_API void operator delete[](void* pointer) noexcept
{
    heap::release(pointer);
}

TENON_API void operator delete(void* pointer, std::size_t) noexcept
{
    heap::release(pointer);
}

TENON_API void operator delete[](void* pointer, std::size_t) noexcept
{
    heap::release(pointer);
}

TENON_API void operator delete(void* pointer, std::align_val_t) noexcept
{
    heap::release(pointer);
}

TENON_API void operator delete(void* pointer, std::size_t, std::align_val_t) noexcept
{
    heap::release(pointer);
}

TENON_API void operator delete(void* pointer, const std::nothrow_t&) noexcept
{
    heap::release(pointer);
}

TENON_API void operator delete[](void* pointer, const std::nothrow_t&) noexcept
{
    heap::release(pointer);
}

extern "C" void* malloc(std::size_t size)
{
    return heap::allocate(size);
}

extern "C" void* calloc(std::size_t count, std::size_t size)
{
    const auto total = checked_mul(count, size);
    void* memory = total ? heap::allocate(*total) : nullptr;
    if (memory != nullptr)
        std::memset(memory, 0, *total);
    return memory;
}

extern "C" void free(void* pointer)
{
    heap::release(pointer);
}
