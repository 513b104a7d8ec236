// The memory functions of C, with their arguments checked. The architecture's own have names of their own in the debug kernel.

#include "kernel/runtime/sanitizer/report.h"
#include <tenon/string.h>

using namespace tenon;

extern "C" {

void* unchecked_memcpy(void* __restrict destination, const void* __restrict source, std::size_t size) noexcept;
void* unchecked_memmove(void* destination, const void* source, std::size_t size) noexcept;
void* unchecked_memset(void* destination, int byte, std::size_t size) noexcept;

void* memcpy(void* __restrict destination, const void* __restrict source, std::size_t size) noexcept
{
    const u64 caller = reinterpret_cast<u64>(__builtin_return_address(0));
    shadow::check_access(reinterpret_cast<u64>(source), size, shadow::Access::read, caller);
    shadow::check_access(reinterpret_cast<u64>(destination), size, shadow::Access::write, caller);
    return unchecked_memcpy(destination, source, size);
}

void* memmove(void* destination, const void* source, std::size_t size) noexcept
{
    const u64 caller = reinterpret_cast<u64>(__builtin_return_address(0));
    shadow::check_access(reinterpret_cast<u64>(source), size, shadow::Access::read, caller);
    shadow::check_access(reinterpret_cast<u64>(destination), size, shadow::Access::write, caller);
    return unchecked_memmove(destination, source, size);
}

void* memset(void* destination, int byte, std::size_t size) noexcept
{
    shadow::check_access(reinterpret_cast<u64>(destination), size, shadow::Access::write,
                         reinterpret_cast<u64>(__builtin_return_address(0)));
    return unchecked_memset(destination, byte, size);
}

}  // extern "C"
