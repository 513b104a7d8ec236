#include "module/load/static_guard.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace tenon::modload {
namespace {

TEST(StaticGuard, OneConstructsAndTheOthersWaitForIt)
{
    for (int round = 0; round < 20; ++round) {
        u64 guard = 0;
        std::atomic<int> constructed = 0;
        std::atomic<bool> is_there = false;
        std::atomic<int> too_early = 0;
        std::vector<std::thread> threads;
        for (int index = 0; index < 8; ++index)
            threads.emplace_back([&] {
                if (acquire_guard(guard)) {
                    std::this_thread::sleep_for(std::chrono::milliseconds(2));
                    ++constructed;
                    is_there = true;
                    release_guard(guard);
                }
                too_early += is_there ? 0 : 1;
            });
        for (std::thread& thread : threads)
            thread.join();
        EXPECT_EQ(constructed, 1);
        EXPECT_EQ(too_early, 0);
        EXPECT_EQ(guard & 0xff, 1u) << "compiled code looks at the first byte";
        EXPECT_FALSE(acquire_guard(guard));
    }
}

TEST(StaticGuard, AfterAnAbortTheNextOneTries)
{
    u64 guard = 0;
    ASSERT_TRUE(acquire_guard(guard));
    std::atomic<bool> tried = false;
    std::thread other([&] {
        tried = acquire_guard(guard);
        release_guard(guard);
    });
    abort_guard(guard);
    other.join();
    EXPECT_TRUE(tried);
}

}  // namespace
}  // namespace tenon::modload
