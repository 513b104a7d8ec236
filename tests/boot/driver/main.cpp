#include <gtest/gtest.h>

#include "tests/boot/driver/configuration.h"

int main(int argc, char** argv)
{
    testing::InitGoogleTest(&argc, argv);
    tenon::boot::leave_out_what_does_not_hold();
    return RUN_ALL_TESTS();
}
