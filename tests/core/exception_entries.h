#pragma once

#include <array>
#include <span>

#include <tenon/module_header.h>

namespace tenon::test {

constexpr u64 fixup_distance = 1 << 20;  // behind the instruction

// The table of a module, whose instructions nobody executes.
class ExceptionEntries {
public:
    void fill()
    {
        for (ExceptionEntry& entry : entries_)
            entry = {.instruction = 4096, .fixup = 4096 - static_cast<i32>(sizeof(i32)) + static_cast<i32>(fixup_distance)};
    }
    // As who reuses the memory does.
    void spoil_from(usize first)
    {
        for (ExceptionEntry& entry : std::span(entries_).subspan(first))
            entry = {.instruction = -1, .fixup = -1};
    }
    std::span<const ExceptionEntry> all() const { return entries_; }
    const ExceptionEntry& operator[](usize index) const { return entries_[index]; }

private:
    std::array<ExceptionEntry, 4> entries_{};
};

}  // namespace tenon::test
