#include "kernel/lib/cpu_set.h"

#include <gtest/gtest.h>

namespace tenon {
namespace {

TEST(CpuSet, HoldsTheFirstCpusUpToAllThatItHasRoomFor)
{
    EXPECT_EQ(set_of_first_cpus(0), 0u);
    EXPECT_EQ(set_of_first_cpus(1), 1u);
    EXPECT_EQ(set_of_first_cpus(8), 0xffu);
    EXPECT_EQ(set_of_first_cpus(31), 0x7fff'ffffu);
    EXPECT_EQ(set_of_first_cpus(32), 0xffff'ffffu);
    EXPECT_EQ(set_of_cpu(31), 0x8000'0000u);
}

}  // namespace
}  // namespace tenon
