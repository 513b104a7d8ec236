#pragma once

#include <chrono>
#include <cstddef>

// How far the reading of modules is, for whoever waits at a terminal: "depmod: 120 of 3684 modules".

namespace tenon::tools::depmod {

// The line appears when the work takes longer than a second, and is gone with the object. For one thread.
class ProgressLine {
public:
    explicit ProgressLine(std::size_t total);
    ~ProgressLine();
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(std::size_t done);

private:
    using Clock = std::chrono::steady_clock;

    std::size_t total_;
    bool wanted_;
    Clock::time_point next_ = Clock::now() + std::chrono::seconds(1);
};

}  // namespace tenon::tools::depmod
