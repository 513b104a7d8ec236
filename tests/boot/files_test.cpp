#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// Names, mounts, pipes and files in memory, as the stock applets use them.
class Files : public BootedSystem<Files> {
protected:
    // What a failing command says behind the last colon: the errno's text.
    std::string reason(const std::string& command)
    {
        return output_of("{ " + command + "; } 2>&1 | tail -n 1 | sed 's/.*: //'");
    }
};

TEST_F(Files, WrongUsesGiveTheUsualErrors)
{
    run("mkdir -p /tmp/e/full/x; ln -s loop /tmp/e/loop; echo > /tmp/e/file");
    EXPECT_EQ(reason("cat /tmp/e/loop"), "Too many levels of symbolic links");
    EXPECT_EQ(reason("cat /tmp/e/file/x"), "Not a directory");
    EXPECT_EQ(reason("rmdir /tmp/e/full"), "Directory not empty");
    EXPECT_EQ(reason("rmdir /"), "Device or resource busy");
    EXPECT_EQ(reason("mkdir /tmp"), "File exists");
    EXPECT_EQ(reason("mv /tmp/e /tmp/e/full"), "Invalid argument");
    EXPECT_EQ(reason("ln /tmp/e/file /proc/file"), "Invalid cross-device link");
    EXPECT_EQ(reason("cat /tmp/e"), "Is a directory");
    EXPECT_EQ(reason("touch /tmp/$(head -c 300 /dev/zero | tr '\\0' n)"), "File name too long");
    EXPECT_EQ(reason("mknod /tmp/e/none c 99 99; cat /tmp/e/none"), "No such device or address");
    EXPECT_EQ(reason("echo x > /dev/full"), "No space left on device");
}

TEST_F(Files, HardLinksShareTheFile)
{
    EXPECT_EQ(output_of("cd /tmp; echo one > h1; ln h1 h2; echo two >> h2; cat h1; stat -c %h h1; rm h1; stat -c %h h2"),
              "one\ntwo\n2\n1");
}

TEST_F(Files, CopiesKeepLinksModesAndTimes)
{
    run("mkdir -p /tmp/c/d; echo x > /tmp/c/d/f; ln -s d/f /tmp/c/l; chmod 600 /tmp/c/d/f; touch -d '2020-01-02 03:04:05' /tmp/c/d/f");
    EXPECT_EQ(output_of("cp -a /tmp/c /tmp/copy; readlink /tmp/copy/l; stat -c '%a %Y' /tmp/copy/d/f"), "d/f\n600 1577934245");
    EXPECT_EQ(output_of("cd /tmp; tar cf c.tar c; mkdir out; tar xf c.tar -C out; cat out/c/l"), "x");
}

TEST_F(Files, SparseFilesReadAsZeros)
{
    EXPECT_EQ(output_of("cd /tmp; truncate -s 1G s; echo x | dd of=s bs=1 seek=500000000 conv=notrunc 2>/dev/null; "
                        "stat -c '%s %b' s; dd if=s bs=1 skip=499999999 count=2 2>/dev/null | od -An -c"),
              "1073741824 8\n  \\0   x");
    EXPECT_EQ(output_of("cd /tmp; truncate -s 3 s; truncate -s 6 s; od -An -tx1 s"), " 00 00 00 00 00 00");
}

TEST_F(Files, RemovedDirectoriesHaveNoName)
{
    EXPECT_EQ(output_of("mkdir /tmp/gone; cd /tmp/gone; rmdir /tmp/gone; ls; touch x 2>/dev/null || echo refused"), "refused");
    EXPECT_EQ(output_of("mkdir /tmp/old; cd /tmp/old; mv /tmp/old /tmp/new; readlink /proc/self/cwd"), "/tmp/new");
}

TEST_F(Files, DeepTreesComeAndGo)
{
    EXPECT_EQ(output_of("mkdir /tmp/deep; cd /tmp/deep; i=0; while [ $i -lt 500 ]; do mkdir d; cd d; i=$((i + 1)); done; "
                        "cd /; rm -r /tmp/deep && echo removed"),
              "removed");
    EXPECT_EQ(output_of("mount -t tmpfs t /mnt; cd /mnt; i=0; while [ $i -lt 500 ]; do mkdir d; cd d; i=$((i + 1)); done; "
                        "cd /; umount /mnt && echo unmounted"),
              "unmounted");
}

TEST_F(Files, MountsInUseAreBusy)
{
    EXPECT_EQ(output_of("mount -t tmpfs t /mnt; cd /mnt; umount /mnt 2>/dev/null || echo busy; cd /; umount /mnt && echo gone"),
              "busy\ngone");
    EXPECT_EQ(output_of("mount -t tmpfs t /mnt; sleep 100 > /mnt/open & sleep 1; umount /mnt 2>/dev/null || echo busy; "
                        "umount -l /mnt && ls /mnt; kill $!; echo gone"),
              "busy\ngone");
}

TEST_F(Files, DetachingTakesTheWholeTreeOfMounts)
{
    EXPECT_EQ(output_of("mount -t tmpfs t1 /mnt; mkdir /mnt/a; mount -t tmpfs t2 /mnt/a; mkdir /mnt/a/b; mount -t tmpfs t3 /mnt/a/b; "
                        "mkdir /mnt/a/b/c; mount -t tmpfs t4 /mnt/a/b/c; umount /mnt 2>/dev/null || echo busy; "
                        "umount -l /mnt; grep -c '^t[1-4] ' /proc/mounts; ls /mnt"),
              "busy\n0");
    // Where nobody could unmount it again nothing is mounted.
    EXPECT_EQ(output_of("mount -t tmpfs t5 /mnt; mkdir /mnt/a; cd /mnt; umount -l /mnt; mount -t tmpfs t6 a 2>/dev/null || echo refused; "
                        "grep -c '^t[56] ' /proc/mounts; cd /"),
              "refused\n0");
    EXPECT_EQ(output_of("mkdir /tmp/left; cd /tmp/left; rmdir /tmp/left; mount -t tmpfs t7 . 2>/dev/null || echo refused; cd /"), "refused");
}

TEST_F(Files, ReadOnlyMountsRefuseChanges)
{
    run("mount -t tmpfs t /mnt; echo x > /mnt/f; mount -o remount,ro /mnt");
    EXPECT_EQ(reason("touch /mnt/new"), "Read-only file system");
    EXPECT_EQ(reason("rm -f /mnt/f"), "Read-only file system");
    EXPECT_EQ(output_of("cat /mnt/f; grep -c '/mnt tmpfs ro' /proc/mounts; mount -o remount,rw /mnt; rm /mnt/f && umount /mnt && echo ok"),
              "x\n1\nok");
}

TEST_F(Files, BindMountsShowTheSameFiles)
{
    EXPECT_EQ(output_of("mkdir -p /tmp/b1 /tmp/b2; mount -o bind /tmp/b1 /tmp/b2; echo seen > /tmp/b1/f; cat /tmp/b2/f; umount /tmp/b2; ls /tmp/b2"),
              "seen");
}

TEST_F(Files, PipesAndFifosCarryData)
{
    EXPECT_EQ(output_of("head -c 1000000 /dev/urandom > /tmp/r; cat /tmp/r | gzip | gunzip | cmp - /tmp/r && echo same"), "same");
    EXPECT_EQ(output_of("mkfifo /tmp/fifo; (echo through > /tmp/fifo &); cat /tmp/fifo"), "through");
    EXPECT_EQ(output_of("echo standard | cat /dev/stdin"), "standard");
    EXPECT_EQ(output_of("echo x > /dev/stdout | cat"), "x");
    EXPECT_EQ(output_of("true | stat -L -c '%F %a' /dev/stdin"), "fifo 600");
    EXPECT_EQ(output_of("echo through | sh -c 'cat /dev/fd/0 > /dev/stdout' | cat"), "through");
    EXPECT_EQ(output_of("cat <(echo one) <(echo two)"), "one\ntwo");
    EXPECT_EQ(output_of("chmod 1777 /tmp; /users/su user -c 'echo own | cat /dev/stdin'"), "own");
    EXPECT_EQ(output_of("yes | head -n 3 | wc -l"), "3");
}

TEST_F(Files, ChangedRootsHoldTheirProcesses)
{
    EXPECT_EQ(output_of("mkdir -p /tmp/jail/bin; cp /bin/busybox /tmp/jail/bin/sh; chroot /tmp/jail /bin/sh -c 'cd ../..; pwd; echo /*'"),
              "/\n/bin");
}

TEST_F(Files, NothingIsLostOverManyRounds)
{
    const std::string round = "mkdir -p /tmp/w/a/b; echo x > /tmp/w/a/b/f; mv /tmp/w/a /tmp/w/c; ln -s c/b/f /tmp/w/l; "
                              "cat /tmp/w/l | cat > /tmp/w/o; cp -a /tmp/w/c /tmp/w/d; rm -r /tmp/w; "
                              "mount -t tmpfs t /mnt; cp /bin/busybox /mnt; umount /mnt; ";
    const auto rounds = [&](int count) {
        run("i=0; while [ $i -lt " + std::to_string(count) + " ]; do " + round + "i=$((i + 1)); done");
        return meminfo(machine(), "MemFree");
    };
    const long before = rounds(10);
    const long after = rounds(50);
    EXPECT_GE(after + 64, before) << "KiB free";
}

TEST_F(Files, ManyProcessesAtOnce)
{
    const std::string output =
        output_of("(while :; do mount -t tmpfs t /mnt && umount /mnt; done) 2>/dev/null & a=$!; "
                  "(while :; do ls /mnt /proc /dev > /dev/null; done) 2>/dev/null & b=$!; "
                  "(while :; do cat /proc/mounts /proc/[0-9]*/stat > /dev/null; done) 2>/dev/null & c=$!; "
                  "for j in 1 2 3; do (seq 1 3000 | sort | md5sum > /dev/null) & d=$!; done; wait $d; sleep 3; "
                  "kill $a $b $c; echo alive");
    EXPECT_TRUE(output.ends_with("alive")) << output;
    run("umount /mnt");
}

}  // namespace
}  // namespace tenon::boot
