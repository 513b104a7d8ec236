#pragma once

#include <algorithm>
#include <array>
#include <atomic>

#include "kernel/lib/types.h"

// Nice values and the share of a processor that they stand for. Pure.

namespace tenon::fair_share {

// setpriority(2): the smaller, the larger the share.
constexpr int least_nice = -20;
constexpr int greatest_nice = 19;

constexpr int clamp_nice(int value)
{
    return std::clamp(value, least_nice, greatest_nice);
}

constexpr u64 usual_weight = 1024;  // of nice 0

// Two threads of one processor share it in proportion to their weights. A step of nice is a factor of 5/4: it takes about a
// tenth of the processor from one of two equal threads.
constexpr auto weights = [] {
    constexpr u64 fraction_bits = 16;
    std::array<u64, greatest_nice - least_nice + 1> result{};
    u64 above = usual_weight << fraction_bits;
    for (int nice = 0; nice >= least_nice; --nice, above = above * 5 / 4)
        result[static_cast<usize>(nice - least_nice)] = above >> fraction_bits;
    u64 below = usual_weight << fraction_bits;
    for (int nice = 0; nice <= greatest_nice; ++nice, below = below * 4 / 5)
        result[static_cast<usize>(nice - least_nice)] = below >> fraction_bits;
    return result;
}();

constexpr u64 weight(int nice)
{
    return weights[static_cast<usize>(nice - least_nice)];
}

// The policies of sched(7) that share by weight, with Linux's numbers. SCHED_BATCH differs from SCHED_OTHER only in what a woken thread
// takes away from others, and here none takes anything before the next tick.
enum class Policy : u8 {
    other = 0,
    batch = 3,
    idle = 5,
};

constexpr u64 idle_weight = 3;  // of SCHED_IDLE, whatever the nice value

constexpr u64 weight(Policy policy, int nice)
{
    return policy == Policy::idle ? idle_weight : weight(nice);
}

// What `elapsed` counter ticks of running count for a thread of this weight: the thread whose sum is smallest runs next.
constexpr u64 virtual_time(u64 elapsed, u64 weight)
{
    return weight == usual_weight ? elapsed : elapsed * usual_weight / weight;
}

// What share a thread asks for. Changes need process_table::lock; everybody may look.
class Share {
public:
    int nice() const { return nice_.load(std::memory_order_relaxed); }
    Policy policy() const { return policy_.load(std::memory_order_relaxed); }
    u64 weight() const { return weight_.load(std::memory_order_relaxed); }
    // SCHED_RESET_ON_FORK: children do not inherit what is more than usual.
    bool resets_on_fork() const { return resets_on_fork_.load(std::memory_order_relaxed); }

    void set_nice(int nice) { set(policy(), nice, resets_on_fork()); }
    void set_policy(Policy policy, bool resets_on_fork) { set(policy, nice(), resets_on_fork); }
    void inherit(const Share& parent)
    {
        if (parent.resets_on_fork())
            set(Policy::other, std::max(parent.nice(), 0), false);
        else
            set(parent.policy(), parent.nice(), false);
    }

private:
    void set(Policy policy, int nice, bool resets_on_fork)
    {
        policy_.store(policy, std::memory_order_relaxed);
        nice_.store(nice, std::memory_order_relaxed);
        weight_.store(static_cast<u32>(fair_share::weight(policy, nice)), std::memory_order_relaxed);
        resets_on_fork_.store(resets_on_fork, std::memory_order_relaxed);
    }

    std::atomic<int> nice_{0};
    std::atomic<u32> weight_{usual_weight};
    std::atomic<Policy> policy_{Policy::other};
    std::atomic<bool> resets_on_fork_{false};
};

}  // namespace tenon::fair_share
