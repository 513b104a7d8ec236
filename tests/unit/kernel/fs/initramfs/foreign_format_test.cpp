#include "kernel/fs/initramfs/foreign_format.h"

#include <string>

#include <gtest/gtest.h>

namespace tenon::initramfs {
namespace {

std::string_view format_of(std::string_view text)
{
    return foreign_format(std::as_bytes(std::span(text)));
}

// The first bytes of an empty file as each program packs it.
TEST(ForeignFormat, IsNamed)
{
    using namespace std::string_view_literals;
    EXPECT_EQ(format_of("\x1f\x8b\x08\0\0\0\0\0\0\x03"sv), "gzip");
    EXPECT_EQ(format_of("\xfd\x37\x7a\x58\x5a\0\0\x04\xe6\xd6"sv), "xz");
    EXPECT_EQ(format_of("\x42\x5a\x68\x39\x17\x72\x45\x38\x50\x90"sv), "bzip2");
    EXPECT_EQ(format_of("\x5d\0\0\x80\0\xff\xff\xff\xff\xff"sv), "lzma");
    EXPECT_EQ(format_of("\x89\x4c\x5a\x4f\0\x0d\x0a\x1a\x0a\x10"sv), "lzo");
    EXPECT_EQ(format_of("\x02\x21\x4c\x18\0\0\0\0"sv), "lz4");
}

TEST(ForeignFormat, OthersAreNot)
{
    for (const std::string_view text : {"", "\x1f", "07070100000000", "\x28\xb5\x2f\xfd", "\xfd" "7zX"})
        EXPECT_EQ(format_of(text), "") << text;
}

}  // namespace
}  // namespace tenon::initramfs
