#include "modules/virtio_blk/ring.h"

#include <array>
#include <vector>

#include <gtest/gtest.h>

#include "kernel/lib/bits.h"

// The device's side, played by the test from the specification's tables alone.

namespace tenon::virtio {
namespace {

class RingTest : public testing::Test {
protected:
    static constexpr u16 size = 8;

    u16 word(usize offset) const { return load_le<u16>(std::span(memory).subspan(offset)); }
    u32 dword(usize offset) const { return load_le<u32>(std::span(memory).subspan(offset)); }

    void finish(u32 first, u32 length)
    {
        const usize entry = ring.used_offset() + 4 + 8u * (finished % size);
        store_le<u32>(std::span(memory).subspan(entry), first);
        store_le<u32>(std::span(memory).subspan(entry + 4), length);
        store_le<u16>(std::span(memory).subspan(ring.used_offset() + 2), ++finished);
    }

    alignas(4096) std::array<std::byte, 2 * 4096> memory{};
    Ring ring{size, memory};
    u16 finished = 0;
};

TEST_F(RingTest, HasTheLegacyLayout)
{
    EXPECT_EQ(Ring::memory_size(size), 2 * 4096u);
    EXPECT_EQ(Ring::memory_size(256), 3 * 4096u);
    EXPECT_EQ(ring.available_offset(), 128u);
    EXPECT_EQ(ring.used_offset(), 4096u);
}

TEST_F(RingTest, OffersChains)
{
    const std::array segments{Segment{0x1000, 16, Direction::to_device}, Segment{0x2000, 512, Direction::from_device},
                              Segment{0x3000, 1, Direction::from_device}};
    ring.offer(3, segments);
    EXPECT_EQ(word(ring.available_offset() + 2), 1);
    EXPECT_EQ(word(ring.available_offset() + 4), 3);
    EXPECT_EQ(dword(3 * 16), 0x1000u);
    EXPECT_EQ(dword(3 * 16 + 8), 16u);
    EXPECT_EQ(word(3 * 16 + 12), 1);           // next
    EXPECT_EQ(word(3 * 16 + 14), 4);
    EXPECT_EQ(word(4 * 16 + 12), 1 | 2);       // next, device writes
    EXPECT_EQ(word(5 * 16 + 12), 2);
}

TEST_F(RingTest, TakesWhatIsFinishedInOrder)
{
    EXPECT_FALSE(ring.take_finished().has_value());
    finish(3, 513);
    finish(0, 1);
    const auto first = ring.take_finished();
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(first->first, 3u);
    EXPECT_EQ(first->length, 513u);
    EXPECT_EQ(ring.take_finished()->first, 0u);
    EXPECT_FALSE(ring.take_finished().has_value());
}

TEST_F(RingTest, IndicesWrap)
{
    const std::array segments{Segment{0x1000, 16, Direction::to_device}};
    for (u32 i = 0; i < 70'000; ++i) {
        ring.offer(static_cast<u16>(i % size), segments);
        finish(i % size, i);
        const auto taken = ring.take_finished();
        ASSERT_TRUE(taken.has_value());
        ASSERT_EQ(taken->length, i);
    }
    EXPECT_EQ(word(ring.available_offset() + 2), 70'000 % 65'536);
}

TEST_F(RingTest, AsksForNotificationUnlessToldNotTo)
{
    EXPECT_TRUE(ring.wants_notification());
    store_le<u16>(std::span(memory).subspan(ring.used_offset()), u16{1});
    EXPECT_FALSE(ring.wants_notification());
}

}  // namespace
}  // namespace tenon::virtio
