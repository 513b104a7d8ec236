#pragma once

#include <bit>
#include <concepts>
#include <cstring>
#include <optional>
#include <span>

#include "kernel/lib/types.h"

namespace tenon {

// Whether `value` is representable in a two's complement field of `width` bits (1..64).
constexpr bool fits_signed(i64 value, unsigned width)
{
    if (width >= 64)
        return true;
    const i64 limit = i64{1} << (width - 1);
    return value >= -limit && value < limit;
}

// Whether `value` is representable in an unsigned field of `width` bits (1..64).
constexpr bool fits_unsigned(u64 value, unsigned width)
{
    return width >= 64 || (value >> width) == 0;
}

// `alignment` must be a power of two. The caller knows that the sum cannot overflow;
// for values from outside use checked_align_up.
constexpr u64 align_down(u64 value, u64 alignment)
{
    return value & ~(alignment - 1);
}

constexpr u64 align_up(u64 value, u64 alignment)
{
    return align_down(value + alignment - 1, alignment);
}

constexpr bool is_aligned(u64 value, u64 alignment)
{
    return (value & (alignment - 1)) == 0;
}

// Little-endian loads and stores at any alignment; the span is at least sizeof(T) bytes long. By the builtin: freestanding code would call a
// function for std::memcpy.
template <std::unsigned_integral T>
T load_le(std::span<const std::byte> bytes)
{
    static_assert(std::endian::native == std::endian::little);
    T value;
    __builtin_memcpy(&value, bytes.first(sizeof(T)).data(), sizeof(T));
    return value;
}

template <std::unsigned_integral T>
void store_le(std::span<std::byte> bytes, T value)
{
    static_assert(std::endian::native == std::endian::little);
    __builtin_memcpy(bytes.first(sizeof(T)).data(), &value, sizeof(T));
}

}  // namespace tenon
