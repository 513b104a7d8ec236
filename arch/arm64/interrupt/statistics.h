#pragma once

#include <array>
#include <atomic>

#include "kernel/arch.h"
#include "kernel/lib/text.h"

namespace tenon::arch {

// How often one interrupt has come on each processor. Counted with interrupts off, read at any time.
class InterruptCount {
public:
    void add() { counts_[cpu_index()].fetch_add(1, std::memory_order_relaxed); }
    u64 total() const;
    // "  12        345          0 " for the processors that run.
    void describe(TextSink& out) const;

private:
    std::array<std::atomic<u32>, max_cpus> counts_{};
};

}  // namespace tenon::arch
