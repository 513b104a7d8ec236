#pragma once

#include <array>
#include <optional>

#include "kernel/lib/types.h"

namespace tenon {

// Characters on their way to a serial line. The caller serialises.
class TransmitRing {
public:
    static constexpr usize capacity = 4096;

    bool is_empty() const { return added_ == removed_; }
    bool is_full() const { return added_ - removed_ == capacity; }

    // False when there is no room.
    bool add(char character)
    {
        if (is_full())
            return false;
        characters_[added_++ % capacity] = character;
        return true;
    }

    std::optional<char> take()
    {
        if (is_empty())
            return std::nullopt;
        return characters_[removed_++ % capacity];
    }

private:
    std::array<char, capacity> characters_{};
    usize added_ = 0;  // since the start; both counters wrap together
    usize removed_ = 0;
};

}  // namespace tenon
