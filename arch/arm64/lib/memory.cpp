// Comparing and searching memory, for compiled code and the linked C libraries (C17 7.24).

#include <cstddef>
#include <cstdint>

#include <tenon/string.h>

#pragma GCC optimize("no-tree-loop-distribute-patterns")  // must not be compiled into calls of themselves

namespace {

// Eight bytes at any alignment.
struct [[gnu::packed, gnu::may_alias]] Unaligned {
    std::uint64_t value;
};

// Without -mstrict-align's byte loads: the kernel's data is normal memory.
inline std::uint64_t load(const unsigned char* from)
{
    std::uint64_t value;
    asm("ldr %0, %1" : "=r"(value) : "Q"(*reinterpret_cast<const Unaligned*>(from)));
    return value;
}

constexpr std::uint64_t every_byte(std::uint8_t byte)
{
    return byte * std::uint64_t{0x0101'0101'0101'0101};
}

// The high bit of the lowest zero byte is set; bits above it mean nothing.
constexpr std::uint64_t zero_bytes(std::uint64_t word)
{
    return (word - every_byte(1)) & ~word & every_byte(0x80);
}

}  // namespace

extern "C" {

int memcmp(const void* left, const void* right, std::size_t size) noexcept
{
    const auto* a = static_cast<const unsigned char*>(left);
    const auto* b = static_cast<const unsigned char*>(right);
    for (; size >= 8; a += 8, b += 8, size -= 8) {
        const std::uint64_t x = load(a);
        const std::uint64_t y = load(b);
        if (x != y)
            return __builtin_bswap64(x) < __builtin_bswap64(y) ? -1 : 1;
    }
    for (; size != 0; ++a, ++b, --size)
        if (*a != *b)
            return *a < *b ? -1 : 1;
    return 0;
}

// The standard's C++ overloads differ in constness only, so these keep their C names by label.
TENON_API void* kernel_memchr(const void* memory, int wanted, std::size_t size) noexcept __asm__("memchr");
TENON_API void* kernel_memrchr(const void* memory, int wanted, std::size_t size) noexcept __asm__("memrchr");

void* kernel_memchr(const void* memory, int wanted, std::size_t size) noexcept
{
    const auto* from = static_cast<const unsigned char*>(memory);
    for (; size >= 8 && zero_bytes(load(from) ^ every_byte(static_cast<std::uint8_t>(wanted))) == 0; size -= 8)
        from += 8;
    for (; size != 0; ++from, --size)
        if (*from == static_cast<unsigned char>(wanted))
            return const_cast<unsigned char*>(from);
    return nullptr;
}

void* kernel_memrchr(const void* memory, int wanted, std::size_t size) noexcept
{
    const auto* from = static_cast<const unsigned char*>(memory);
    while (size-- != 0)
        if (from[size] == static_cast<unsigned char>(wanted))
            return const_cast<unsigned char*>(from + size);
    return nullptr;
}

}  // extern "C"
