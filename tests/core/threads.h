#pragma once

#include <atomic>
#include <memory>
#include <type_traits>

#include "kernel/lib/types.h"

namespace tenon::test {

// How long all tests together may take, more or less.
unsigned seconds_in_all();

// `for (Time time; time.is_left();)`: a test's share of the time that all have.
class Time {
public:
    Time();
    bool is_left() const;

private:
    u64 end_;
};

namespace detail {
void run_threads(unsigned count, void (*body)(void* target, unsigned index), void* target);
}

// Runs body(index) in `count` kernel threads at the same time, on whatever CPUs, and returns when all have come back. GoogleTest belongs to
// the calling thread: the others use expect().
template <typename Body>
void run_threads(unsigned count, Body&& body)
{
    using Target = std::remove_reference_t<Body>;
    detail::run_threads(count, [](void* target, unsigned index) { (*static_cast<Target*>(target))(index); },
                        const_cast<void*>(static_cast<const void*>(std::addressof(body))));
}

}  // namespace tenon::test
