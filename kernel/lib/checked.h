#pragma once

#include <concepts>
#include <limits>
#include <optional>
#include <span>

#include "kernel/lib/bits.h"
#include "kernel/lib/types.h"

// Arithmetic on values that came from a file, a device or user space: no result instead of a wrong one.

namespace tenon {

template <std::unsigned_integral T>
constexpr std::optional<T> checked_add(T a, T b)
{
    T sum;
    if (__builtin_add_overflow(a, b, &sum))
        return std::nullopt;
    return sum;
}

template <std::unsigned_integral T>
constexpr std::optional<T> checked_mul(T a, T b)
{
    T product;
    if (__builtin_mul_overflow(a, b, &product))
        return std::nullopt;
    return product;
}

// For times and limits, where the largest value means "never" or "any".
template <std::unsigned_integral T>
constexpr T saturating_add(T a, T b)
{
    return checked_add(a, b).value_or(std::numeric_limits<T>::max());
}

// `alignment` must be a power of two.
constexpr std::optional<u64> checked_align_up(u64 value, u64 alignment)
{
    const auto sum = checked_add(value, alignment - 1);
    if (!sum)
        return std::nullopt;
    return align_down(*sum, alignment);
}

// Whether [offset, offset + size) lies inside [0, limit).
constexpr bool range_fits(u64 offset, u64 size, u64 limit)
{
    return offset <= limit && size <= limit - offset;
}

// The part [offset, offset + size) of `whole`, when it lies inside it.
template <typename T>
constexpr std::optional<std::span<T>> checked_subspan(std::span<T> whole, u64 offset, u64 size)
{
    if (!range_fits(offset, size, whole.size()))
        return std::nullopt;
    return whole.subspan(static_cast<usize>(offset), static_cast<usize>(size));
}

}  // namespace tenon
