#include "kernel/fs/lock/lock_waits.h"

#include <gtest/gtest.h>

namespace tenon {
namespace {

constexpr char people[16] = {};

class Waits : public testing::Test {
protected:
    void add(LockWait& wait, int who, int whom)
    {
        wait.wanted.owner = &people[who];
        wait.blocker = &people[whom];
        wait.by_process = true;
        waits.add(wait);
    }
    bool would_deadlock(int who, int whom) { return waits.would_deadlock(&people[who], &people[whom]); }

    LockWaits waits;
};

TEST_F(Waits, NobodyWaitsForNobody)
{
    EXPECT_FALSE(would_deadlock(0, 1));
}

TEST_F(Waits, ACircleIsFoundOverOthers)
{
    LockWait first;
    LockWait second;
    add(first, 1, 2);
    add(second, 2, 0);
    EXPECT_TRUE(would_deadlock(0, 1));
    EXPECT_TRUE(would_deadlock(0, 2));
    EXPECT_FALSE(would_deadlock(3, 1));
    waits.remove(second);
    EXPECT_FALSE(would_deadlock(0, 1));
    waits.remove(first);
}

TEST_F(Waits, DescriptionsMakeNoDeadlock)
{
    LockWait wait;
    add(wait, 1, 0);
    wait.by_process = false;
    EXPECT_FALSE(would_deadlock(0, 1));
    waits.remove(wait);
}

TEST_F(Waits, EveryWaitOfAnOwnerIsLookedInto)
{
    LockWait harmless;
    LockWait circle;
    add(harmless, 1, 5);
    add(circle, 1, 0);
    EXPECT_TRUE(would_deadlock(0, 1));
    waits.remove(harmless);
    waits.remove(circle);
}

TEST_F(Waits, CirclesOfOthersDoNotHoldUpTheSearch)
{
    LockWait there;
    LockWait back;
    add(there, 1, 2);
    add(back, 2, 1);
    EXPECT_FALSE(would_deadlock(0, 1));
    waits.remove(there);
    waits.remove(back);
}

}  // namespace
}  // namespace tenon
