#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// The sample of the module author's guide (docs/examples/counter): a device that a module brings, uses and takes away.
class ModuleDevice : public BootedSystem<ModuleDevice> {
public:
    static MachineOptions options() { return direct_boot({"--disk", "build/test/disk.ext2"}); }
};

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
    const std::string use = "open-file /dev/counter by sh, pid " + output_of("echo $holder");
    EXPECT_EQ(output_of("cat /sys/module/counter/users"), use);
    EXPECT_EQ(output_of("cat /sys/module/counter/refcnt"), "1");
    EXPECT_EQ(run("rmmod counter").output, "rmmod: ERROR: Module counter is in use: " + use + "\n");
    EXPECT_EQ(run("modprobe -r counter").status, 1);
    EXPECT_NE(run("rmmod -f counter").status, 0);
    EXPECT_EQ(output_of("dmesg | grep -c 'counter: in use by " + use + "'"), "1");
    EXPECT_NE(output_of("lsmod --users").find("\n  " + use), std::string::npos);
    output_of("kill $holder; wait $holder || true");
    output_of("rmmod counter");
}

TEST_F(ModuleDevice, UsersAreNamedWhateverTheyUse)
{
    output_of("modprobe ext2");
    EXPECT_EQ(output_of("cat /sys/module/crc16/users"), "module ext2");
    output_of("mount -t ext2 /dev/vda /mnt");
    EXPECT_NE(output_of("cat /sys/module/ext2/users").find("mount /dev/vda as ext2 by mount, pid "), std::string::npos);
    EXPECT_NE(output_of("cat /sys/module/virtio_blk/users").find("disk vda by mount, pid "), std::string::npos);
    output_of("sleep 1000 < /dev/vda & holder=$!");
    EXPECT_EQ(output_of("wc -l < /sys/module/virtio_blk/users"), output_of("cat /sys/module/virtio_blk/refcnt"));
    EXPECT_NE(run("rmmod virtio_blk").output.find("disk vda by sh, pid "), std::string::npos);
    output_of("kill $holder; wait $holder || true; umount /mnt; modprobe -r ext2");
}

}  // namespace
}  // namespace tenon::boot
