#include "kernel/proc/signal_set.h"

#include <gtest/gtest.h>

namespace tenon {
namespace {

TEST(SignalSet, HoldsTheFirstAndTheLastSignal)
{
    SignalSet set = SignalSet::of(1, 64);
    EXPECT_EQ(set.bits(), 0x8000'0000'0000'0001u);
    EXPECT_TRUE(set.contains(64));
    EXPECT_EQ(set.lowest(), 1);
    set.remove(1);
    EXPECT_EQ(set.lowest(), 64);
    set.remove(64);
    EXPECT_TRUE(set.is_empty());
}

TEST(SignalSet, CombinesLikeMasks)
{
    const SignalSet pending = SignalSet::of(2, 15, 17);
    const SignalSet blocked = SignalSet::of(15);
    EXPECT_EQ(pending & ~blocked, SignalSet::of(2, 17));
    EXPECT_EQ(blocked | SignalSet::of(9), SignalSet::of(9, 15));
}

// The table of default actions in POSIX.1, signal.h, and Linux's signal(7).
TEST(SignalSet, KnowsDefaultActions)
{
    for (const int number : {17, 23, 28})
        EXPECT_EQ(default_action(number), DefaultAction::ignore) << number;
    for (const int number : {19, 20, 21, 22})
        EXPECT_EQ(default_action(number), DefaultAction::stop) << number;
    EXPECT_EQ(default_action(18), DefaultAction::continue_);
    for (const int number : {1, 2, 3, 6, 9, 11, 13, 14, 15, 16, 24, 31, 34, 64})
        EXPECT_EQ(default_action(number), DefaultAction::terminate) << number;
}

}  // namespace
}  // namespace tenon
