#include "kernel/dev/random/chacha.h"

#include <gtest/gtest.h>

namespace tenon {
namespace {

// RFC 8439, section 2.3.2.
TEST(ChaCha, GivesTheBlockOfTheStandard)
{
    ChaCha::Key key;
    for (u32 i = 0; i < key.size(); ++i)
        key[i] = 0x03020100 + i * 0x04040404;
    const ChaCha::Block expected{0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3, 0xc7f4d1c7, 0x0368c033,
                                 0x9aaa2204, 0x4e6cd4c3, 0x466482d2, 0x09aa9f07, 0x05d7c214, 0xa2028bd9,
                                 0xd19c12b5, 0xb94e16de, 0xe883d0cb, 0x4e3c50a2};
    EXPECT_EQ(ChaCha::block(key, 1, {0x09000000, 0x4a000000, 0x00000000}), expected);
}

TEST(ChaCha, DependsOnCounterAndNonce)
{
    const ChaCha::Key key{};
    EXPECT_NE(ChaCha::block(key, 0, {}), ChaCha::block(key, 1, {}));
    EXPECT_NE(ChaCha::block(key, 0, {}), ChaCha::block(key, 0, {0, 0, 1}));
}

}  // namespace
}  // namespace tenon
