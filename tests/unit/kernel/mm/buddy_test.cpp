#include "kernel/mm/buddy.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace tenon {
namespace {

class BuddyTest : public ::testing::Test {
protected:
    static constexpr u32 count = 3000;
    static constexpr u64 base = 0x40005;  // not aligned on purpose

    BuddyTest() : frames_(count)
    {
        buddy_.initialise(base, frames_);
        buddy_.add(7, count);
    }

    std::vector<Frame> frames_;
    Buddy buddy_;
};

TEST_F(BuddyTest, CountsWhatWasAdded)
{
    EXPECT_EQ(buddy_.total_frames(), count - 7);
    EXPECT_EQ(buddy_.free_frames(), count - 7);
}

TEST_F(BuddyTest, RunsAreNaturallyAlignedAndInsideTheRange)
{
    for (unsigned order = 0; order <= Buddy::max_order; ++order) {
        const auto run = buddy_.allocate(order);
        ASSERT_TRUE(run);
        EXPECT_EQ((base + *run) % (u64{1} << order), 0u);
        EXPECT_GE(*run, 7u);
        EXPECT_LE(*run + (1u << order), count);
    }
}

TEST_F(BuddyTest, HandsOutEveryFrameExactlyOnce)
{
    std::set<u32> seen;
    while (const auto frame = buddy_.allocate(0))
        EXPECT_TRUE(seen.insert(*frame).second);
    EXPECT_EQ(seen.size(), count - 7);
    EXPECT_EQ(buddy_.free_frames(), 0u);
}

TEST_F(BuddyTest, FreedFramesMergeAgain)
{
    const auto largest_runs = [&] {
        std::vector<u32> runs;
        while (const auto run = buddy_.allocate(Buddy::max_order))
            runs.push_back(*run);
        for (const u32 run : runs)
            buddy_.free(run, Buddy::max_order);
        return runs.size();
    };
    const usize before = largest_runs();
    std::vector<u32> singles;
    while (const auto frame = buddy_.allocate(0))
        singles.push_back(*frame);
    for (usize i = 0; i < singles.size(); i += 2)
        buddy_.free(singles[i], 0);
    for (usize i = 1; i < singles.size(); i += 2)
        buddy_.free(singles[i], 0);
    EXPECT_EQ(largest_runs(), before);
    EXPECT_EQ(buddy_.free_frames(), count - 7);
}

TEST_F(BuddyTest, SaysNoWhenNoRunIsLargeEnough)
{
    while (buddy_.allocate(3)) {
    }
    EXPECT_FALSE(buddy_.allocate(3));
    EXPECT_FALSE(buddy_.allocate(Buddy::max_order));
}

}  // namespace
}  // namespace tenon
