#pragma once

#include "kernel/lib/result.h"

// How long CPUs stay in kernel code without a quiescent point, for tests of the rule that this is at most 5 ms. While it measures, a
// timer asks each CPU that is not idle for a point four times per millisecond; the scheduler notes how long the answer took, from the
// moment at which the timer was due. So the longest answer is the longest stay, less what passed before the first question
// (`period` at most). Nothing is measured, and nothing costs time, until somebody writes to /proc/kernel_latency.

namespace tenon::kernel_latency {

constexpr unsigned long long period = 250'000;  // nanoseconds

// Adds /proc/kernel_latency, for root. Writing "1" forgets what was found and measures from now on, "0" stops. Reading gives the longest
// stay in nanoseconds with the name of the thread and the number of its last system call, or zeros.
Result<> initialise();

}  // namespace tenon::kernel_latency
