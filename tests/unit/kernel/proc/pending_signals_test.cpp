#include "kernel/proc/pending_signals.h"

#include <gtest/gtest.h>

namespace tenon {
namespace {

SignalInfo with_value(int number, u64 value)
{
    SignalInfo info = SignalInfo::kernel(number);
    info.fields[1] = value;
    return info;
}

TEST(PendingSignals, KeepsAStandardSignalOnce)
{
    PendingSignals pending;
    pending.add(with_value(signal_number::user_1, 1));
    pending.add(with_value(signal_number::user_1, 2));
    EXPECT_EQ(pending.take(signal_number::user_1).fields[1], 1u);
    EXPECT_TRUE(pending.numbers().is_empty());
}

TEST(PendingSignals, KeepsRealTimeSignalsInOrder)
{
    PendingSignals pending;
    pending.add(with_value(40, 1));
    pending.add(with_value(41, 2));
    pending.add(with_value(40, 3));
    EXPECT_EQ(pending.take(40).fields[1], 1u);
    EXPECT_TRUE(pending.numbers().contains(40));
    EXPECT_EQ(pending.take(40).fields[1], 3u);
    EXPECT_EQ(pending.numbers(), SignalSet::of(41));
}

TEST(PendingSignals, RefusesWithoutRoomOnlyWhatWouldBeLost)
{
    constexpr auto none = PendingSignals::Room::none;
    PendingSignals pending;
    SignalInfo info = with_value(40, 1);
    info.code = SignalInfo::from_queue;
    EXPECT_FALSE(pending.add(info, none));
    EXPECT_TRUE(pending.numbers().is_empty());
    info.code = SignalInfo::from_user;
    EXPECT_TRUE(pending.add(info, none));
    EXPECT_EQ(pending.numbers(), SignalSet::of(40));
    info = with_value(signal_number::user_1, 1);
    info.code = SignalInfo::from_queue;
    EXPECT_TRUE(pending.add(info, none));
    EXPECT_TRUE(pending.numbers().contains(signal_number::user_1));
    EXPECT_EQ(pending.queued_bytes(), 0u);
}

TEST(PendingSignals, DiscardsAllOfANumber)
{
    PendingSignals pending;
    pending.add(with_value(40, 1));
    pending.add(with_value(40, 2));
    pending.add(with_value(signal_number::stop, 3));
    pending.discard(SignalSet::of(40));
    EXPECT_EQ(pending.numbers(), SignalSet::of(signal_number::stop));
    EXPECT_EQ(pending.take(signal_number::stop).fields[1], 3u);
}

}  // namespace
}  // namespace tenon
