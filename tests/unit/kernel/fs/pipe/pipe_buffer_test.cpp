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
                ASSERT_TRUE(pipe.set_capacity(capacity));
                EXPECT_EQ(pipe.writable(), capacity - pipe.readable());
                EXPECT_LE(pipe.allocated(), pipe.readable() + PipeBuffer::piece_size);
            }
        }
        ASSERT_EQ(pipe.readable(), sent.size() - received.size());
    }
    received += read(pipe, pipe.capacity());
    EXPECT_EQ(received, sent);
}

}  // namespace
}  // namespace tenon
