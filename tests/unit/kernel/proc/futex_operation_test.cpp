#include "kernel/proc/futex_operation.h"

#include <gtest/gtest.h>

namespace tenon {
namespace {

u32 encode(u32 operation, u32 operand, u32 comparison, u32 compared)
{
    return operation << 28 | comparison << 24 | (operand & 0xfff) << 12 | (compared & 0xfff);
}

TEST(FutexOperation, ChangesTheWord)
{
    u32 word = 0b1100;
    const auto change = [&](u32 operation, u32 operand) {
        word = 0b1100;
        const auto decoded = FutexOperation::decode(encode(operation, operand, 0, 0));
        EXPECT_TRUE(decoded.has_value());
        EXPECT_EQ(decoded->apply(std::atomic_ref<u32>(word)), 0b1100u);
        return word;
    };
    EXPECT_EQ(change(0, 5), 5u);
    EXPECT_EQ(change(1, 5), 17u);
    EXPECT_EQ(change(1, 0xfff), 11u);  // operands are signed: minus one
    EXPECT_EQ(change(2, 0b1010), 0b1110u);
    EXPECT_EQ(change(3, 0b1010), 0b0100u);
    EXPECT_EQ(change(4, 0b1010), 0b0110u);
    EXPECT_EQ(change(8 | 2, 8), 0b1'0000'1100u);  // the operand is a bit's number
}

TEST(FutexOperation, ComparesTheFormerValueAsSigned)
{
    const auto compares = [](u32 comparison, u32 compared, u32 former) {
        return FutexOperation::decode(encode(0, 0, comparison, compared))->compares(former);
    };
    EXPECT_TRUE(compares(0, 7, 7));
    EXPECT_FALSE(compares(0, 7, 8));
    EXPECT_TRUE(compares(1, 7, 8));
    EXPECT_TRUE(compares(2, 0, ~0u));
    EXPECT_FALSE(compares(2, 0, 0));
    EXPECT_TRUE(compares(3, 0, 0));
    EXPECT_TRUE(compares(4, 0xfff, 0));
    EXPECT_FALSE(compares(4, 0, 0));
    EXPECT_TRUE(compares(5, 0, 0));
}

TEST(FutexOperation, RefusesWhatIsNotDefined)
{
    EXPECT_EQ(FutexOperation::decode(encode(5, 0, 0, 0)).error(), Errno::nosys);
    EXPECT_EQ(FutexOperation::decode(encode(0, 0, 6, 0)).error(), Errno::nosys);
}

}  // namespace
}  // namespace tenon
