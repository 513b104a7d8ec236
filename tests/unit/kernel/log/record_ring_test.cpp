#include "kernel/log/record_ring.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace tenon::log {
namespace {

class RecordRing : public ::testing::Test {
protected:
    void append(std::string_view text, std::string_view component = "")
    {
        ring_->append(Severity::info, component, text, 1000 + appended_++);
    }

    std::vector<Record> read_all(Cursor& cursor) const
    {
        std::vector<Record> records;
        for (Record record; ring_->read(cursor, record);)
            records.push_back(record);
        return records;
    }

    std::unique_ptr<Ring> ring_ = std::make_unique<Ring>();
    u64 appended_ = 0;
};

TEST_F(RecordRing, GivesBackWhatWasWritten)
{
    ring_->append(Severity::error, "ext2", "no such volume", 77);
    Cursor cursor;
    const auto records = read_all(cursor);
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].text.view(), "ext2: no such volume");
    EXPECT_EQ(records[0].severity, Severity::error);
    EXPECT_EQ(records[0].time, 77u);
    EXPECT_EQ(records[0].sequence, 0u);
}

TEST_F(RecordRing, ReadersContinueWhereTheyWere)
{
    Cursor cursor;
    append("one");
    EXPECT_EQ(read_all(cursor).size(), 1u);
    EXPECT_TRUE(read_all(cursor).empty());
    append("two");
    const auto records = read_all(cursor);
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].text.view(), "two");
}

TEST_F(RecordRing, ACursorAtTheEndSeesOnlyWhatFollows)
{
    append("before");
    Cursor cursor;
    ring_->move_to_end(cursor);
    append("after");
    const auto records = read_all(cursor);
    ASSERT_EQ(records.size(), 1u);
    EXPECT_EQ(records[0].text.view(), "after");
}

TEST_F(RecordRing, CutsLongLines)
{
    append(std::string(2 * line_max, 'x'), "loud");
    append(std::string(10, 'y'), std::string(2 * line_max, 'c'));
    Cursor cursor;
    const auto records = read_all(cursor);
    ASSERT_EQ(records.size(), 2u);
    EXPECT_EQ(records[0].text.size(), line_max);
    EXPECT_TRUE(records[0].text.view().starts_with("loud: xxx"));
    EXPECT_EQ(records[1].text.view(), std::string(line_max, 'c'));
}

TEST_F(RecordRing, KeepsTheNewestWhenItIsFull)
{
    constexpr u64 count = 20'000;
    for (u64 i = 0; i < count; ++i)
        append(std::string(i % 97, 'a') + std::to_string(i));
    Cursor cursor;
    const auto records = read_all(cursor);
    ASSERT_GT(records.size(), 1000u);
    ASSERT_LT(records.size(), count);
    EXPECT_EQ(records.back().sequence, count - 1);
    for (usize i = 0; i < records.size(); ++i) {
        const u64 number = records[0].sequence + i;
        ASSERT_EQ(records[i].sequence, number);
        ASSERT_EQ(records[i].text.view(), std::string(number % 97, 'a') + std::to_string(number));
    }
}

TEST_F(RecordRing, AnOvertakenReaderSeesTheGapInTheNumbers)
{
    append("first");
    Cursor cursor;
    EXPECT_EQ(read_all(cursor).size(), 1u);
    for (int i = 0; i < 20'000; ++i)
        append(std::string(100, 'z'));
    const auto records = read_all(cursor);
    ASSERT_FALSE(records.empty());
    EXPECT_GT(records.front().sequence, 1u);
    EXPECT_EQ(records.back().sequence, 20'000u);
}

}  // namespace
}  // namespace tenon::log
