#include <gtest/gtest.h>

#include <string>
#include <unordered_map>

#include "tools/lib/keyed_hash.h"

namespace tenon::tools {
namespace {

// The values are those of another implementation: CPython 3.11 hashes its byte strings so, under PYTHONHASHSEED=0 with a key of zeros.
TEST(KeyedHash, IsSipHash13)
{
    constexpr HashKey zeros{};
    EXPECT_EQ(keyed_hash("a", zeros), 0x407448d2b89b1813U);
    EXPECT_EQ(keyed_hash("printk", zeros), 0x3dfee97999e6a412U);
    EXPECT_EQ(keyed_hash("01234567", zeros), 0xda3dcedf84ea6cc6U);
    EXPECT_EQ(keyed_hash("__stack_chk_fail", zeros), 0xdaeb118a024769dcU);
    EXPECT_NE(keyed_hash("a", {1, 0}), keyed_hash("a", {0, 1}));
}

TEST(KeyedHash, HasOneKeyInAProcess)
{
    EXPECT_EQ(keyed_hash("name"), keyed_hash(std::string("name")));
    EXPECT_NE(keyed_hash("name"), keyed_hash("name", HashKey{}));  // but once in 2^64 runs
    std::unordered_map<std::string, int, KeyedHash> table{{"x", 1}};
    EXPECT_EQ(table.count("x"), 1U);
}

}  // namespace
}  // namespace tenon::tools
