#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// The sample of the module author's guide (docs/examples/counter): a device that a module brings, uses and takes away.
class ModuleDevice : public BootedSystem<ModuleDevice> {};

TEST_F(ModuleDevice, ComesWithItsModuleAndGoesWithIt)
{
    output_of("insmod /tests/modules/counter.ko start=5");
    EXPECT_EQ(output_of("head -c 6 /dev/counter"), "5\n6\n7");
    EXPECT_EQ(output_of("cat /sys/module/counter/parameters/start"), "5");
    output_of("echo 40 > /sys/module/counter/parameters/start");
    EXPECT_EQ(output_of("head -c 3 /dev/counter"), "40");
    output_of("rmmod counter");
    EXPECT_NE(run("ls /dev/counter").status, 0);
}

TEST_F(ModuleDevice, AnOpenFilePinsItsModule)
{
    output_of("insmod /tests/modules/counter.ko");
    output_of("sleep 1000 < /dev/counter & holder=$!");
    const auto refused = run("rmmod counter");
    EXPECT_NE(refused.status, 0);
    EXPECT_NE(refused.output.find("in use"), std::string::npos) << refused.output;
    output_of("kill $holder; wait $holder || true");
    output_of("rmmod counter");
}

}  // namespace
}  // namespace tenon::boot
