#include "module/elf/program_property.h"

#include <gtest/gtest.h>

#include <vector>

namespace tenon::elf {
namespace {

constexpr u32 feature_property = 0xc000'0000;
constexpr u32 other_property = 0xc000'0001;
constexpr u32 gnu = 0x0055'4e47;  // "GNU"

bool has_feature(std::vector<u32> words, usize size = ~usize{0})
{
    // Of exactly this size, so that the sanitizers see a read behind the end.
    const std::vector<std::byte> bytes(std::as_bytes(std::span(words)).begin(),
                                       std::as_bytes(std::span(words)).begin() + static_cast<std::ptrdiff_t>(std::min(size, words.size() * 4)));
    return has_features(bytes, feature_property, 1);
}

const std::vector<u32> with_feature = {4, 16, 5, gnu, feature_property, 4, 1, 0};

TEST(ProgramProperty, IsFoundWhereItIs)
{
    EXPECT_TRUE(has_feature(with_feature));
    EXPECT_TRUE(has_feature({4, 16, 5, gnu, feature_property, 4, 3, 0})) << "with others";
    EXPECT_TRUE(has_feature({4, 32, 5, gnu, other_property, 4, 0, 0, feature_property, 4, 1, 0})) << "behind others";
    EXPECT_TRUE(has_feature({4, 28, 5, gnu, other_property, 4, 0, 0, feature_property, 4, 1})) << "without the last padding";
}

TEST(ProgramProperty, IsNotFoundWhereItIsNot)
{
    EXPECT_FALSE(has_feature({}));
    EXPECT_FALSE(has_feature({4, 16, 5, gnu, feature_property, 4, 2, 0})) << "another feature";
    EXPECT_FALSE(has_feature({4, 16, 5, gnu, other_property, 4, 1, 0})) << "another property";
    EXPECT_FALSE(has_feature({4, 16, 3, gnu, feature_property, 4, 1, 0})) << "another kind of note";
    EXPECT_FALSE(has_feature({4, 16, 5, 0x0055'4e48, feature_property, 4, 1, 0})) << "another vendor";
    EXPECT_FALSE(has_feature({4, 0, 5, gnu})) << "no property at all";
}

// An object has it only when all its parts do, whoever has put their notes one after the other.
TEST(ProgramProperty, IsOneOfEveryNote)
{
    std::vector<u32> two = with_feature;
    two.insert(two.end(), with_feature.begin(), with_feature.end());
    EXPECT_TRUE(has_feature(two));
    two[two.size() - 2] = 0;
    EXPECT_FALSE(has_feature(two));
}

TEST(ProgramProperty, DamagedNotesGiveNothing)
{
    for (usize size = 0; size < 28; ++size)
        EXPECT_FALSE(has_feature(with_feature, size)) << "the first " << size << " bytes";
    for (const u32 size : {17u, 0x7fff'ffffu, 0xffff'fff8u, 0xffff'ffffu}) {
        EXPECT_FALSE(has_feature({4, size, 5, gnu, feature_property, 4, 1, 0})) << "a note of " << size;
        EXPECT_FALSE(has_feature({4, 16, 5, gnu, feature_property, size, 1, 0})) << "a property of " << size;
    }
    std::vector<u32> many;
    while (many.size() * sizeof(u32) <= 1024)
        many.insert(many.end(), with_feature.begin(), with_feature.end());
    EXPECT_FALSE(has_feature(many)) << "larger than any linker makes it";
}

}  // namespace
}  // namespace tenon::elf
