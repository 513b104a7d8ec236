#pragma once

#include <expected>
#include <type_traits>
#include <utility>

#include "kernel/lib/errno.h"

namespace tenon {

// What a function returns that can fail for a reason outside the kernel's own control.
template <typename T = void>
using Result = std::expected<T, Errno>;

// `return fail(Errno::noent);`
[[nodiscard]] constexpr std::unexpected<Errno> fail(Errno error)
{
    return std::unexpected<Errno>(error);
}

}  // namespace tenon

// Evaluates to the value of a Result, or leaves the enclosing function with its error.
// Use it only to initialise one local, as a whole statement, or as the operand of `return`:
// inside a braced initialiser GCC 12 does not destroy the members already built.
#define TRY(expression)                                              \
    ({                                                               \
        auto try_result_ = (expression);                             \
        if (!try_result_.has_value()) [[unlikely]]                   \
            return ::std::unexpected(::std::move(try_result_).error()); \
        ::tenon::detail::take_value(::std::move(try_result_));       \
    })

namespace tenon::detail {

template <typename T, typename E>
constexpr T take_value(std::expected<T, E>&& result)
{
    if constexpr (!std::is_void_v<T>)
        return *std::move(result);
}

}  // namespace tenon::detail
