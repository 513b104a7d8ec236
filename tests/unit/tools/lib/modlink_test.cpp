#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include <modlink/modlink.h>
#include "tests/support/object_builder.h"

namespace modlink {
namespace {

using namespace tenon;

std::vector<std::byte> sample()
{
    test::ObjectBuilder builder;
    builder.text(".text", 4);
    builder.data(".data", 64);
    return builder.build();
}

// No object and no answer of a callback ends the program that links.
TEST(Libmodlink, PlacesThatCannotBeAreProblems)
{
    const auto object = sample();
    for (const u64 place : {u64{0x1001}, u64{4}, ~u64{0} - 15}) {
        Options options;
        options.place = [&](RegionKind, std::uint64_t, std::uint64_t) { return place; };
        const Output output = link(object, options);
        EXPECT_EQ(output.error, EINVAL) << place;
        ASSERT_FALSE(output.problems.empty());
        EXPECT_NE(output.problems.back().find("cannot stand at 0x"), std::string::npos) << output.problems.back();
    }
}

TEST(Libmodlink, ObjectsMayStandAnywhere)
{
    const auto object = sample();
    const Output expected = link(object, {});
    ASSERT_TRUE(expected.ok());
    std::vector<std::byte> room(object.size() + 8);
    for (usize shift = 1; shift < 8; ++shift) {
        std::memcpy(room.data() + shift, object.data(), object.size());
        const Output output = link(std::span(room).subspan(shift, object.size()), {});
        ASSERT_TRUE(output.ok()) << shift;
        for (usize number = 0; number < expected.regions.size(); ++number)
            EXPECT_EQ(output.regions[number].bytes, expected.regions[number].bytes);
    }
    EXPECT_FALSE(link({}, {}).ok());
    EXPECT_FALSE(layout(std::span(room).subspan(1, 3), {}).ok());
}

}  // namespace
}  // namespace modlink
