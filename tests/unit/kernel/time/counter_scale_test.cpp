#include "kernel/time/counter_scale.h"

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace tenon {
namespace {

constexpr u64 largest = std::numeric_limits<u64>::max();

// Of every magnitude, with the edges.
std::vector<u64> times(std::mt19937_64& random)
{
    std::vector<u64> values{0, 1, 2, 999'999'999, 1'000'000'000, largest - 1, largest, largest / 2, largest / 2 + 1};
    for (unsigned bits = 1; bits <= 64; ++bits)
        for (int i = 0; i < 4; ++i)
            values.push_back(random() >> (64 - bits));
    return values;
}

std::vector<u64> frequencies(std::mt19937_64& random)
{
    std::vector<u64> values{1'000'000, 19'200'000, 24'000'000, 62'500'000, 1'000'000'000, 4'294'967'295, 4'294'967'296, 10'000'000'000};
    for (int i = 0; i < 200; ++i)
        values.push_back(1'000'000 + random() % 9'999'000'001);
    return values;
}

TEST(CounterScale, FindsTheFirstTickAtOrAfterATime)
{
    std::mt19937_64 random(1);
    for (const u64 frequency : frequencies(random)) {
        const CounterScale scale(frequency);
        for (const u64 time : times(random)) {
            const u64 ticks = scale.to_ticks(time);
            ASSERT_TRUE(ticks == largest || scale.to_nanoseconds(ticks) >= time) << frequency;
            ASSERT_TRUE(ticks == 0 || scale.to_nanoseconds(ticks - 1) < time) << frequency;
        }
    }
}

// The later time never has the earlier tick, whatever it is: a wrapped product would be a deadline in the past.
TEST(CounterScale, IsMonotonicUpToTheLargestValues)
{
    std::mt19937_64 random(2);
    for (const u64 frequency : frequencies(random)) {
        const CounterScale scale(frequency);
        auto values = times(random);
        std::sort(values.begin(), values.end());
        for (std::size_t i = 1; i < values.size(); ++i) {
            ASSERT_LE(scale.to_ticks(values[i - 1]), scale.to_ticks(values[i])) << frequency;
            ASSERT_LE(scale.to_nanoseconds(values[i - 1]), scale.to_nanoseconds(values[i])) << frequency;
        }
    }
}

TEST(CounterScale, IsAsExactAsTheFrequencyAllows)
{
    std::mt19937_64 random(3);
    for (const u64 frequency : frequencies(random)) {
        const CounterScale scale(frequency);
        const u64 hour = scale.to_nanoseconds(frequency * 3600);
        ASSERT_LE(hour, 3600'000'000'000);
        ASSERT_GE(hour, 3600'000'000'000 - 3600 * 10) << frequency;
    }
}

}  // namespace
}  // namespace tenon
