#include "kernel/lib/result.h"

#include <gtest/gtest.h>

#include <memory>

#include "kernel/lib/ref.h"
#include "kernel/lib/scope_exit.h"

namespace tenon {
namespace {

Result<int> half(int value)
{
    if (value % 2 != 0)
        return fail(Errno::inval);
    return value / 2;
}

Result<int> quarter(int value)
{
    const int once = TRY(half(value));
    return half(once);
}

Result<> check(int value)
{
    TRY(quarter(value));
    return {};
}

Result<std::unique_ptr<int>> boxed(int value)
{
    const int result = TRY(quarter(value));
    return std::make_unique<int>(result);
}

TEST(Result, TryGivesTheValue)
{
    EXPECT_EQ(quarter(8).value(), 2);
    EXPECT_EQ(**boxed(12), 3);
    EXPECT_TRUE(check(4));
}

TEST(Result, TryLeavesWithTheError)
{
    EXPECT_EQ(quarter(3).error(), Errno::inval);
    EXPECT_EQ(quarter(6).error(), Errno::inval);
    EXPECT_EQ(boxed(6).error(), Errno::inval);
    EXPECT_EQ(check(6).error(), Errno::inval);
}

TEST(Result, TryMovesMoveOnlyValues)
{
    const auto use = []() -> Result<int> {
        const std::unique_ptr<int> box = TRY(boxed(16));
        return *box;
    };
    EXPECT_EQ(use().value(), 4);
}

struct Counted final : RefCounted {
    explicit Counted(int& alive) : alive_(alive) { ++alive_; }
    ~Counted() { --alive_; }
    int& alive_;
};

TEST(Ref, LastReferenceDeletes)
{
    int alive = 0;
    {
        Ref<Counted> first = adopt_ref(new Counted(alive));
        Ref<Counted> second = first;
        first.reset();
        EXPECT_EQ(alive, 1);
        second = std::move(second);
        EXPECT_EQ(alive, 1);
    }
    EXPECT_EQ(alive, 0);
}

TEST(Ref, ADyingObjectCannotBeAcquired)
{
    int alive = 0;
    Counted object(alive);
    EXPECT_TRUE(object.try_acquire());
    EXPECT_FALSE(object.release());
    EXPECT_TRUE(object.release());
    EXPECT_FALSE(object.try_acquire());
}

TEST(ScopeExit, RunsUnlessDismissed)
{
    int runs = 0;
    {
        ScopeExit first([&] { ++runs; });
        ScopeExit second([&] { ++runs; });
        second.dismiss();
    }
    EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace tenon
