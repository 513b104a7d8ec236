#include "kernel/mm/page_index.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/failing_new.h"
#include "tests/support/frames.h"

namespace tenon {
namespace {

using test::frame_holders;

PageRef frame(u64 number)
{
    const PhysAddr address(number * 4096);
    frames::acquire(address);
    return PageRef::adopt(address);
}

u64 booked()
{
    return test::account.used(ledger::Kind::file_pages);
}

TEST(PageIndex, AnEmptyOneHasNothingAndCostsNothing)
{
    PageIndex index(ledger::Kind::file_pages);
    EXPECT_EQ(index.find(0), nullptr);
    EXPECT_EQ(index.find(PageIndex::max_pages), nullptr);
    EXPECT_EQ(index.next(0), PageIndex::max_pages);
    EXPECT_EQ(index.cut(0), 0u);
    EXPECT_EQ(booked(), 0u);
}

TEST(PageIndex, OnePageFarAwayCostsAFewSmallNodes)
{
    PageIndex index(ledger::Kind::file_pages);
    constexpr u64 far = (u64{256} << 30) / 4096 - 1;
    **index.place(far) = frame(1);
    EXPECT_NE(index.find(far), nullptr);
    EXPECT_EQ(index.find(far - 1), nullptr);
    EXPECT_EQ(index.next(0), far);
    EXPECT_LE(booked(), 4096u);
    EXPECT_EQ(index.place(PageIndex::max_pages).error(), Errno::fbig);
}

TEST(PageIndex, GivesBackFramesAndNodesWhenItGoes)
{
    {
        PageIndex index(ledger::Kind::file_pages);
        for (const u64 number : {u64{0}, u64{63}, u64{64}, u64{4095}, u64{4096}, u64{1} << 26})
            **index.place(number) = frame(number + 1);
        EXPECT_EQ(frame_holders.size(), 6u);
        EXPECT_GT(booked(), 0u);
    }
    EXPECT_TRUE(frame_holders.empty());
    EXPECT_EQ(booked(), 0u);
}

TEST(PageIndex, BehavesAsAMapDoes)
{
    std::mt19937_64 random(1);
    PageIndex index(ledger::Kind::file_pages);
    std::map<u64, u64> model;
    for (int step = 0; step < 20000; ++step) {
        const u64 number = random() >> (28 + random() % 36);
        if (random() % 200 == 0) {
            u64 expected = 0;
            for (auto at = model.lower_bound(number); at != model.end(); at = model.erase(at))
                ++expected;
            ASSERT_EQ(index.cut(number), expected);
        } else if (random() % 2 == 0) {
            **index.place(number) = frame(number + 1);
            model[number] = number + 1;
        } else {
            const auto next = model.lower_bound(number);
            ASSERT_EQ(index.next(number), next == model.end() ? PageIndex::max_pages : next->first);
            const PageRef* const found = index.find(number);
            ASSERT_EQ(found != nullptr, model.contains(number));
            ASSERT_TRUE(found == nullptr || found->physical().value() == model[number] * 4096);
        }
    }
    EXPECT_EQ(index.cut(0), model.size());
    EXPECT_TRUE(frame_holders.empty());
    EXPECT_EQ(booked(), 0u);
}

TEST(PageIndex, KeepsWhatItHasWhenMemoryRunsOut)
{
    for (unsigned count = 1;; ++count) {
        PageIndex index(ledger::Kind::file_pages);
        **index.place(5) = frame(1);
        const test::FailingNew failing(count);
        const auto place = index.place(u64{1} << 26);
        if (!failing.has_failed())
            break;
        EXPECT_EQ(place.error(), Errno::nomem);
        EXPECT_NE(index.find(5), nullptr);
        EXPECT_EQ(index.next(6), PageIndex::max_pages);
    }
    EXPECT_TRUE(frame_holders.empty());
    EXPECT_EQ(booked(), 0u);
}

}  // namespace
}  // namespace tenon
