#include "kernel/fs/pipe/pipe_buffer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

namespace tenon {
namespace {

std::span<const std::byte> bytes(const std::string& text)
{
    return std::as_bytes(std::span(text));
}

std::string read(PipeBuffer& pipe, usize size)
{
    std::string text(size, '?');
    text.resize(pipe.read(std::as_writable_bytes(std::span(text))));
    return text;
}

TEST(PipeBuffer, GivesBackWhatWasPutIn)
{
    PipeBuffer pipe;
    EXPECT_EQ(pipe.write(bytes("hello")), 5u);
    EXPECT_EQ(pipe.readable(), 5u);
    EXPECT_EQ(read(pipe, 3), "hel");
    EXPECT_EQ(read(pipe, 10), "lo");
    EXPECT_EQ(read(pipe, 10), "");
}

TEST(PipeBuffer, TakesExactlyItsCapacity)
{
    PipeBuffer pipe;
    const std::string much(PipeBuffer::default_capacity + 1, 'x');
    EXPECT_EQ(pipe.write(bytes(much)), PipeBuffer::default_capacity);
    EXPECT_EQ(pipe.writable(), 0u);
    EXPECT_EQ(pipe.write(bytes("y")), 0u);
    EXPECT_EQ(read(pipe, 1), "x");
    EXPECT_EQ(pipe.write(bytes("yz")), 1u);
}

TEST(PipeBuffer, KeepsTheOrderOverManyTurnsOfTheRingAndChangesOfItsSize)
{
    PipeBuffer pipe;
    std::mt19937 random(1);
    std::string sent;
    std::string received;
    for (int turn = 0; turn < 500; ++turn) {
        std::string piece(random() % 9000, '\0');
        for (char& character : piece)
            character = static_cast<char>(random());
        piece.resize(pipe.write(bytes(piece)));
        sent += piece;
        received += read(pipe, random() % 9000);
        if (turn % 10 == 0) {
            const usize capacity = (1 + random() % 40) * PipeBuffer::piece_size;
            if (capacity >= pipe.readable()) {
                auto ring = PipeBuffer::make_ring(capacity);
                ASSERT_TRUE(ring && pipe.exchange(*ring));
                EXPECT_EQ(pipe.writable(), capacity - pipe.readable());
                EXPECT_LE(pipe.allocated(), std::min(capacity, pipe.readable() + 2 * PipeBuffer::piece_size));
            }
        }
        ASSERT_EQ(pipe.readable(), sent.size() - received.size());
    }
    received += read(pipe, pipe.capacity());
    EXPECT_EQ(received, sent);
}

// At the limit the end of what is in it stands in the same piece as its start.
TEST(PipeBuffer, MovesWhatIsInAFullRingWhereverItStarts)
{
    constexpr usize page = PipeBuffer::piece_size;
    for (const usize skipped : {usize{0}, usize{1}, page - 1, page, page + 1, 3 * page + 100})
        for (const usize kept : {usize{0}, page, 4 * page - 1, 4 * page})
            for (const usize before : {4 * page, 8 * page})
                for (const usize after : {4 * page, 5 * page, 16 * page}) {
                    PipeBuffer pipe;
                    auto ring = PipeBuffer::make_ring(before);
                    ASSERT_TRUE(ring && pipe.exchange(*ring));
                    const std::string gone(skipped, 'g');
                    ASSERT_EQ(pipe.write(bytes(gone)), skipped);
                    ASSERT_EQ(read(pipe, skipped), gone);
                    std::string text(kept, '\0');
                    for (usize i = 0; i < kept; ++i)
                        text[i] = static_cast<char>(i * 2654435761u >> 13);
                    ASSERT_EQ(pipe.write(bytes(text)), kept);
                    auto fresh = PipeBuffer::make_ring(after);
                    ASSERT_TRUE(fresh && pipe.exchange(*fresh));
                    const std::string more(after - kept, 'm');
                    ASSERT_EQ(pipe.write(bytes(more)), more.size());
                    ASSERT_EQ(pipe.write(bytes("x")), 0u);
                    ASSERT_EQ(pipe.allocated(), after);
                    ASSERT_EQ(read(pipe, after), text + more);
                }
}

TEST(PipeBuffer, RefusesARingThatIsTooSmall)
{
    PipeBuffer pipe;
    const std::string text(PipeBuffer::piece_size + 1, 'x');
    ASSERT_EQ(pipe.write(bytes(text)), text.size());
    auto ring = PipeBuffer::make_ring(PipeBuffer::piece_size);
    ASSERT_TRUE(ring.has_value());
    EXPECT_FALSE(pipe.exchange(*ring));
    EXPECT_EQ(pipe.capacity(), PipeBuffer::default_capacity);
    EXPECT_EQ(read(pipe, text.size()), text);
}

TEST(PipeBuffer, GivesUpItsMemoryWhenItIsCleared)
{
    PipeBuffer pipe;
    ASSERT_EQ(pipe.write(bytes("lost")), 4u);
    EXPECT_TRUE(pipe.clear().pieces);
    EXPECT_EQ(pipe.readable(), 0u);
    EXPECT_EQ(pipe.allocated(), 0u);
    EXPECT_EQ(pipe.write(bytes("kept")), 4u);
    EXPECT_EQ(read(pipe, 10), "kept");
}

}  // namespace
}  // namespace tenon
