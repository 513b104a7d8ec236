#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// Debian's own programs, which read and write the files that the kernel makes up, and lock others. The kernel calls itself Linux
// for them, and places them where they stood before.
class StockTools : public BootedSystem<StockTools> {
public:
    static MachineOptions options() { return direct_boot({"--append", "linux_release=6.1.0 norandmaps", "--disk", "build/test/disk.ext2"}); }

protected:
    // busybox's shell takes its own applets for names without a path.
    std::string stock(const std::string& command) { return output_of("PATH=/stock/bin:/stock/sbin:/stock/usr/bin:$PATH; " + command); }
};

TEST_F(StockTools, TheKernelCallsItselfAsAsked)
{
    EXPECT_EQ(output_of("uname -s -r"), "Linux 6.1.0");
    EXPECT_EQ(output_of("cat /proc/sys/kernel/ostype /proc/sys/kernel/osrelease; cut -d ' ' -f 1-3 /proc/version"),
              "Linux\n6.1.0\nLinux version 6.1.0");
}

TEST_F(StockTools, PlacesRepeatAsAsked)
{
    EXPECT_EQ(stock("sysctl -n kernel.randomize_va_space"), "0");
    EXPECT_EQ(stock("/stock/bin/cat /proc/self/maps"), stock("/stock/bin/cat /proc/self/maps"));
}

// Each of the two leaves its mark twice, with a pause in between: marks that are mixed were not made under the lock.
TEST_F(StockTools, FlockLetsOneInAtATime)
{
    const std::string worker = "for i in 1 2 3; do /stock/usr/bin/flock /tmp/lock sh -c \"echo $1 >> /tmp/marks; sleep 0.1; echo $1 >> /tmp/marks\"; done";
    stock("rm -f /tmp/marks; worker() { " + worker + "; }; worker a & worker b & wait");
    EXPECT_EQ(output_of("sed 'N;s/\\n//' /tmp/marks | sort | uniq -c | sed 's/ *//'"), "3 aa\n3 bb");
}

TEST_F(StockTools, FlockWaitsOrGivesUp)
{
    EXPECT_EQ(stock("/stock/usr/bin/flock /tmp/lock sleep 2 & sleep 0.5; /stock/usr/bin/flock -n /tmp/lock true || echo $?; "
                    "/stock/usr/bin/flock /tmp/lock echo got; wait"),
              "1\ngot");
    EXPECT_EQ(stock("/stock/usr/bin/flock -s /tmp/lock sleep 2 & sleep 0.5; /stock/usr/bin/flock -s -n /tmp/lock echo shared; "
                    "/stock/usr/bin/flock -x -n /tmp/lock echo alone || echo refused; "
                    "grep -c 'FLOCK  ADVISORY  READ' /proc/locks; wait; cat /proc/locks"),
              "shared\nrefused\n1");
}

TEST_F(StockTools, FlockGivesUpInTime)
{
    EXPECT_EQ(stock("/stock/usr/bin/flock /tmp/lock sleep 20 & sleep 0.5; /stock/usr/bin/flock -w 1 /tmp/lock echo got || echo $?; kill $!; "
                    "/stock/usr/bin/flock -w 10 /tmp/other-lock echo got"),
              "1\ngot");
}

// coreutils' sets a timer, busybox's a process that waits.
TEST_F(StockTools, TimeoutEndsWhatTakesTooLong)
{
    EXPECT_EQ(stock("/stock/usr/bin/timeout 0.5 sleep 20; echo $?; /stock/usr/bin/timeout 20 true; echo $?; "
                    "busybox timeout 1 sleep 20; echo $?"),
              "124\n0\nTerminated\n143");
}

TEST_F(StockTools, DfShowsEveryFileSystem)
{
    stock("mkdir -p '/tmp/a b'; mount -t tmpfs 'the source' '/tmp/a b'; head -c 1000000 /dev/zero > '/tmp/a b/file'");
    EXPECT_EQ(stock("for what in source fstype target; do /stock/bin/df --output=$what '/tmp/a b' | tail -n 1; done; "
                    "/stock/bin/df -a --output=target | grep -cx '/tmp/a b'"),
              "the source\ntmpfs\n/tmp/a b\n1");
    EXPECT_GE(std::stol(stock("/stock/bin/df -k --output=used '/tmp/a b' | tail -n 1")), 976);
    EXPECT_EQ(output_of("grep -c '^the\\\\040source /tmp/a\\\\040b tmpfs rw' /proc/mounts"), "1");
    EXPECT_EQ(stock("findmnt -r -n -o SOURCE,TARGET,FSTYPE '/tmp/a b'"), "the\\x20source /tmp/a\\x20b tmpfs");
    stock("mkdir '/tmp/a b/part' /tmp/bound; mount -o bind '/tmp/a b/part' /tmp/bound");
    EXPECT_EQ(stock("findmnt -r -n -o FSROOT,TARGET /tmp/bound"), "/part /tmp/bound");
    stock("umount /tmp/bound; umount '/tmp/a b'");
}

TEST_F(StockTools, NiceAndReniceChangeTheShare)
{
    EXPECT_EQ(stock("n=/stock/usr/bin/nice; $n; $n -n 5 $n; $n -n 5 $n -n -7 $n"), "0\n5\n-2");
    EXPECT_EQ(stock("sleep 5 & renice -n 8 -p $! > /dev/null; cut -d ' ' -f 18-19 /proc/$!/stat; kill $!"), "28 8");
    EXPECT_EQ(stock("su user -s /bin/sh -c 'n=/stock/usr/bin/nice; $n -n 3 $n; $n -n -3 $n 2>&1'"),
              "3\n/stock/usr/bin/nice: cannot set niceness: Permission denied\n0");
}

TEST_F(StockTools, TasksetAndChrt)
{
    EXPECT_EQ(stock("/stock/usr/bin/taskset -c 1,3 grep Cpus_allowed /proc/self/status"), "Cpus_allowed:\ta\nCpus_allowed_list:\t1,3");
    EXPECT_EQ(stock("/stock/usr/bin/taskset -c 2 sh -c '/stock/usr/bin/taskset -c -p $$' | sed 's/.*: //'"), "2");
    EXPECT_EQ(stock("/stock/usr/bin/taskset -c 7 true 2>&1 | grep -c 'Invalid argument'"), "1");
    EXPECT_EQ(stock("/stock/usr/bin/chrt -i 0 sh -c '/stock/usr/bin/chrt -p $$' | sed -n 's/.*policy: //p'"), "SCHED_IDLE");
    EXPECT_EQ(stock("/stock/usr/bin/chrt -f 10 true 2>/dev/null || echo refused"), "refused");
}

// util-linux's setpriv, with libcap-ng, reads its rights from /proc and gives them up by all the calls that there are.
TEST_F(StockTools, SetprivGivesUpRights)
{
    const std::string as_user = "/stock/usr/bin/setpriv --reuid 1000 --regid 1000 ";
    EXPECT_EQ(stock(as_user + "--clear-groups grep -E '^(Uid|Gid|Groups|CapEff|CapPrm)' /proc/self/status"),
              "Uid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\nGroups:\t\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000");
    EXPECT_EQ(stock(as_user + "--groups 50,60 id -G"), "1000 50 60");
    EXPECT_EQ(stock("/stock/usr/bin/setpriv --bounding-set -all,+chown,+kill grep -E '^Cap(Eff|Bnd)' /proc/self/status"),
              "CapEff:\t0000000000000021\nCapBnd:\t0000000000000021");
    EXPECT_EQ(stock(as_user + "--clear-groups --inh-caps -all,+mknod --ambient-caps -all,+mknod grep -E '^Cap(Eff|Inh|Amb)' /proc/self/status"),
              "CapInh:\t0000000008000000\nCapEff:\t0000000008000000\nCapAmb:\t0000000008000000");
    EXPECT_EQ(stock("/stock/usr/bin/setpriv --nnp --securebits +noroot,+no_setuid_fixup --pdeathsig KILL /stock/usr/bin/setpriv --dump | "
                    "grep -E 'no_new_privs|Securebits|Parent death'"),
              "no_new_privs: 1\nSecurebits: noroot,no_setuid_fixup\nParent death signal: KILL");
    EXPECT_NE(run(as_user + "--clear-groups /stock/usr/bin/setpriv --reuid 0 id").status, 0);
}

TEST_F(StockTools, LscpuCountsTheProcessors)
{
    EXPECT_EQ(stock("lscpu | sed -n 's/^Architecture: *//p; s/^CPU(s): *//p; s/^On-line CPU(s) list: *//p'"), "aarch64\n4\n0-3");
    EXPECT_EQ(stock("lscpu -p=CPU,CORE,SOCKET | grep -v '^#'"), "0,0,0\n1,1,0\n2,2,0\n3,3,0");
}

TEST_F(StockTools, LscpuKnowsTheProcessors)
{
    const std::string names = is_newest_cpu() ? "0x00\n-" : "ARM\nCortex-A57";
    EXPECT_EQ(stock("lscpu | sed -n 's/^Vendor ID: *//p; s/^ *Model name: *//p; s/^ *BogoMIPS: *//p'"), names + "\n125.00");
    EXPECT_EQ(stock("lscpu | sed -n 's/^ *Flags: *//p' | cut -c 1-8"), "fp asimd");
}

TEST_F(StockTools, FallocateGivesSpaceBack)
{
    EXPECT_EQ(stock("cd /tmp; rm -f space; touch space; /stock/usr/bin/fallocate -n -l 1M space; stat -c '%s %b' space; "
                    "head -c 64k /dev/zero | tr '\\0' x > space; "
                    "/stock/usr/bin/fallocate -p -o 4096 -l 40960 space; stat -c '%s %b' space; tr -d '\\0' < space | wc -c; rm space"),
              "0 2048\n65536 48\n24576");
}

TEST_F(StockTools, VmstatReadsItsCounters)
{
    const std::string rows = stock("vmstat 1 2 | tail -n 1 | wc -w");
    EXPECT_EQ(rows, "17");
    EXPECT_EQ(stock("vmstat -s | grep -c 'total memory\\|K paged in\\|interrupts\\|CPU context switches'"), "4");
    run("insmod /lib/modules/*/kernel/drivers/block/virtio_blk.ko.zst");
    EXPECT_EQ(stock("head -c 1000000 /dev/vda > /dev/null; vmstat -d | sed -n 's/^vda *\\([0-9]*\\) *[0-9]* *\\([0-9]*\\).*/\\1 \\2/p' "
                    "| { read reads sectors; [ $reads -gt 0 ] && [ $sectors -ge 1953 ] && echo counted; }"),
              "counted");
}

TEST_F(StockTools, SysctlReadsAndWrites)
{
    EXPECT_EQ(stock("/stock/sbin/sysctl -n kernel.ostype kernel.pid_max vm.swappiness"), "Linux\n32768\n0");
    EXPECT_EQ(stock("/stock/sbin/sysctl -q -w kernel.hostname=other; hostname; hostname tenon; "
                    "/stock/sbin/sysctl kernel.hostname"),
              "other\nkernel.hostname = tenon");
    EXPECT_EQ(stock("/stock/sbin/sysctl -a 2>/dev/null | grep -c '^kernel.random.uuid = ........-....-4...-[89ab]...-............$'"), "1");
    EXPECT_EQ(stock("/stock/sbin/sysctl -w vm.swappiness=10 > /dev/null 2>&1; /stock/sbin/sysctl -n vm.swappiness"), "0");
    EXPECT_EQ(stock("/stock/sbin/sysctl -w kernel.panic=5; /stock/sbin/sysctl -w kernel.panic=-1; "
                    "/stock/sbin/sysctl -w kernel.panic=soon 2>&1 | grep -c 'Invalid argument'"),
              "kernel.panic = 5\nkernel.panic = -1\n1");
    EXPECT_EQ(stock("dmesg -n 6; cut -f 1 /proc/sys/kernel/printk; echo 3 > /proc/sys/kernel/printk; cut -f 1 /proc/sys/kernel/printk; dmesg -n 7"), "6\n3");
}

TEST_F(StockTools, SysctlShowsAndSetsProtections)
{
    EXPECT_EQ(stock("/stock/sbin/sysctl -n fs.protected_symlinks fs.protected_hardlinks kernel.kptr_restrict kernel.dmesg_restrict fs.pipe-max-size"),
              "1\n1\n1\n1\n1048576");
    EXPECT_EQ(stock("/stock/sbin/sysctl -q -w fs.pipe-max-size=2000000; /stock/sbin/sysctl -n fs.pipe-max-size; "
                    "/stock/sbin/sysctl -q -w fs.pipe-max-size=1048576; /stock/sbin/sysctl -w fs.protected_symlinks=2 2>&1 | grep -c 'Invalid argument'"),
              "2097152\n1");
    EXPECT_EQ(stock("read open unused limit < /proc/sys/fs/file-nr; [ $open -gt 2 ] && [ $limit -gt 1000 ] && read inodes rest < /proc/sys/fs/inode-nr && "
                    "[ $inodes -gt 20 ] && echo counted"),
              "counted");
}

TEST_F(StockTools, CachesAreDropped)
{
    output_of("find / -xdev > /dev/null 2>&1; true");
    const auto names = [&] { return std::stol(output_of("cut -f 1 /proc/sys/fs/dentry-state")); };
    const long before = names();
    output_of("echo 3 > /proc/sys/vm/drop_caches");
    EXPECT_LT(names(), before / 2);
    EXPECT_EQ(output_of("echo 4 > /proc/sys/vm/drop_caches 2>/dev/null || echo refused"), "refused");
}

TEST_F(StockTools, DevicesAreFoundByTheirNumbers)
{
    EXPECT_EQ(output_of("readlink /sys/dev/char/1:3; cat /sys/dev/char/1:3/dev; ls /sys/dev/char | grep -cx 1:3"),
              "../../devices/virtual/char/null\n1:3\n1");
    run("insmod /lib/modules/*/kernel/drivers/block/virtio_blk.ko.zst");
    const std::string number = output_of("sed -n 's/^ *\\([0-9]*\\) *\\([0-9]*\\) .* vda$/\\1:\\2/p' /proc/partitions");
    EXPECT_EQ(output_of("basename $(readlink /sys/dev/block/" + number + "); cat /sys/block/vda/dev"), "vda\n" + number);
    EXPECT_EQ(output_of("[ $(cat /sys/block/vda/size) = $(blockdev --getsz /dev/vda) ] && echo equal"), "equal");
}

// The last one: afterwards this system takes no module any more.
TEST_F(StockTools, ZModulesCanBeShutOut)
{
    output_of("insmod /tests/modules/hello.ko");
    EXPECT_EQ(stock("/stock/sbin/sysctl -w kernel.modules_disabled=1; "
                    "/stock/sbin/sysctl -w kernel.modules_disabled=0 2>&1 | grep -c 'Invalid argument'"),
              "kernel.modules_disabled = 1\n1");
    EXPECT_EQ(output_of("rmmod hello 2>&1 | grep -c 'Operation not permitted'; insmod /tests/modules/hello.ko 2>&1 | grep -c 'Operation not permitted'"),
              "1\n1");
}

}  // namespace
}  // namespace tenon::boot
