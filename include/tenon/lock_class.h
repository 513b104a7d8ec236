#pragma once

#include <atomic>
#include <source_location>

#include "kernel/lib/types.h"

namespace tenon {

// What the debug kernel knows a lock by: the place where it is made, which for a member is its owner's constructor
// (kernel/thread/sanitizer/lock_order.h). The ordinary kernel keeps nothing.
class LockClass {
public:
#ifdef TENON_DEBUG
    constexpr LockClass(std::source_location place) : place_(place) {}

    std::source_location place() const { return place_; }
    std::atomic<u8>& number() const { return number_; }

private:
    std::source_location place_;
    mutable std::atomic<u8> number_{0};  // 0: none yet; for lock_order
#else
    constexpr LockClass(std::source_location) {}
#endif
};

}  // namespace tenon
