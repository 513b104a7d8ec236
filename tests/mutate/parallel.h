#pragma once

#include <atomic>
#include <thread>
#include <vector>

#include "kernel/lib/types.h"

namespace tenon::mutate {

// Calls work(index, job) for every index below `count`, on as many threads as there are jobs.
void in_parallel(usize count, unsigned jobs, auto&& work)
{
    std::atomic<usize> next = 0;
    std::vector<std::jthread> threads;
    for (unsigned job = 0; job < jobs; ++job)
        threads.emplace_back([&, job] {
            for (usize index; (index = next++) < count;)
                work(index, job);
        });
}

}  // namespace tenon::mutate
