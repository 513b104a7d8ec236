#pragma once

#include <cerrno>
#include <new>
#include <type_traits>

#include "kernel/lib/result.h"
#include "tools/libkmod/context.h"

namespace tenon::tools::libkmod {

// What a C function answers: an errno negated, or null with errno set.
template <typename Value>
Value failure(Errno error)
{
    if constexpr (std::is_pointer_v<Value>) {
        errno = static_cast<int>(error);
        return nullptr;
    } else {
        return static_cast<Value>(-static_cast<int>(error));
    }
}

// Runs what the C function `function` does, which gives Result<Value>. Messages go to the context's log, and no exception leaves: out of
// memory is `Errno::nomem`.
template <typename Work>
auto answer(const kmod_ctx& context, const char* function, Work work) noexcept
{
    using Value = typename decltype(work())::value_type;
    const LogScope scope(context.log, function);
    try {
        auto result = work();
        return result ? *result : failure<Value>(result.error());
    } catch (const std::bad_alloc&) {
        return failure<Value>(Errno::nomem);
    } catch (...) {
        return failure<Value>(Errno::inval);
    }
}

}  // namespace tenon::tools::libkmod
