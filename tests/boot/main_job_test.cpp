#include <fstream>
#include <iterator>

#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// What a user does first, on the image as it is shipped: U-Boot, four CPUs, and the second disk.
class MainJob : public BootedSystem<MainJob> {
public:
    static MachineOptions options() { return image_boot(); }

protected:
    std::string modules() { return output_of("lsmod | cut -d' ' -f1 | sort | tr '\\n' ' '"); }
};

std::string host_checksums()
{
    std::ifstream file("build/test/disk.ext2.sha256sums");
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(MainJob, WasBootedByUBootWithFourProcessors)
{
    EXPECT_NE(machine().log().find("U-Boot 20"), std::string::npos);
    EXPECT_EQ(output_of("grep -c ^processor /proc/cpuinfo"), "4");
    EXPECT_NE(output_of("dmesg | grep 'Tenon 0.1'").find("Tenon 0.1"), std::string::npos);
}

TEST_F(MainJob, Ext2AndWhatItDependsOnAreLoadedAndUsed)
{
    output_of("modprobe ext2");
    EXPECT_NE(modules().find("ext2 "), std::string::npos);
    output_of("mount -t ext2 /dev/vdb /mnt");
    const std::string names = "find . -type f ! -name SHA256SUMS | sort | xargs sha256sum";
    EXPECT_EQ(output_of("cd /mnt && " + names + "; cd /") + "\n", host_checksums());
    EXPECT_EQ(output_of("readlink /mnt/short-link; cat /mnt/long-link"), "hello.txt\nat the bottom");
    EXPECT_EQ(output_of("ls /mnt/many | wc -l"), "300");
    EXPECT_NE(run("rmmod ext2").status, 0) << "a mounted file system was removed";
    output_of("umount /mnt && modprobe -r ext2");
    EXPECT_EQ(modules().find("ext2 "), std::string::npos);
}

TEST_F(MainJob, ADetachedTreeOfMountsLetsItsModulesGo)
{
    output_of("modprobe ext2; mount -t tmpfs t /mnt; mkdir /mnt/a; mount -t tmpfs t /mnt/a; mkdir /mnt/a/b; "
              "mount -t ext2 /dev/vdb /mnt/a/b; cat /mnt/a/b/hello.txt > /dev/null; umount -l /mnt && modprobe -r ext2");
    EXPECT_EQ(modules().find("ext2 "), std::string::npos);
}

TEST_F(MainJob, HelloTakesParametersAndIsRemoved)
{
    output_of("insmod /lib/modules/$(uname -r)/kernel/samples/hello.ko.zst who=engineer times=3");
    EXPECT_EQ(output_of("dmesg | grep -c 'hello, engineer'"), "3");
    EXPECT_EQ(output_of("grep -c '^hello ' /proc/modules"), "1");
    EXPECT_EQ(output_of("cat /sys/module/hello/parameters/who"), "engineer");
    EXPECT_EQ(output_of("cat /sys/module/hello/parameters/times"), "3");
    EXPECT_EQ(output_of("echo writer > /sys/module/hello/parameters/who; cat /sys/module/hello/parameters/who"),
              "writer");
    output_of("rmmod hello");
    EXPECT_EQ(output_of("dmesg | grep -c 'goodbye, writer'"), "1");
    EXPECT_EQ(run("test -d /sys/module/hello").status, 1);
}

// Through init, which ends everything else first.
TEST_F(MainJob, PowersOffInOrder)
{
    machine().send("poweroff\n");
    EXPECT_EQ(machine().wait_for_end(), 0);
    EXPECT_NE(machine().log().find("power down"), std::string::npos);
}

}  // namespace
}  // namespace tenon::boot
