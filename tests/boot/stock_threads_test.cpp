#include "tests/boot/driver/system.h"

namespace tenon::boot {
namespace {

// Stock programs that use threads, from a disk of their own; and our own depmod.
class StockThreads : public BootedSystem<StockThreads> {
public:
    static MachineOptions options() { return direct_boot({"--disk", "build/test/stock.ext2"}); }

    static void SetUpTestSuite()
    {
        BootedSystem::SetUpTestSuite();
        machine().output_of("modprobe virtio_blk; modprobe ext2; mount -t ext2 /dev/vda /mnt");
        machine().output_of("export LD_LIBRARY_PATH=/mnt/lib PYTHONHOME=/mnt PYTHONDONTWRITEBYTECODE=1 XDG_CACHE_HOME=/tmp");
        machine().output_of("seq 1 400000 > /tmp/data");
    }

protected:
    // Starts what stands for `command` and tells how many ids of processes and threads it took, itself included.
    int ids_taken_by(const std::string& command)
    {
        return std::stoi(output_of("read a b c d before < /proc/loadavg; " + command +
                                   "; read a b c d after < /proc/loadavg; echo $((after - before))"));
    }
};

TEST_F(StockThreads, ZstdRoundTrip)
{
    EXPECT_GE(ids_taken_by("/mnt/bin/zstd -q -f -T2 -B1M -o /tmp/data.zst /tmp/data"), 3);
    EXPECT_EQ(output_of("/mnt/bin/zstd -q -d -c /tmp/data.zst | cmp - /tmp/data && echo same"), "same");
}

TEST_F(StockThreads, XzRoundTrip)
{
    EXPECT_GE(ids_taken_by("/mnt/bin/xz -1 -k -f -T2 --block-size=1MiB /tmp/data"), 3);
    EXPECT_EQ(output_of("/mnt/bin/xz -d -c -T2 /tmp/data.xz | cmp - /tmp/data && echo same"), "same");
}

TEST_F(StockThreads, Python)
{
    const auto result = machine().run("/mnt/bin/python3.11 -S /mnt/bin/threads.py", Seconds(240));
    EXPECT_EQ(result.status, 0);
    EXPECT_EQ(result.output, "9 2664667000 1\n");
}

TEST_F(StockThreads, OurDepmodReadsModulesInParallel)
{
    EXPECT_GE(ids_taken_by("depmod -n > /tmp/modules.txt"), 4);
    EXPECT_NE(output_of("grep -c ext2 /tmp/modules.txt"), "0");
}

TEST_F(StockThreads, LeaveNothingBehind)
{
    const auto round = "/mnt/bin/zstd -q -f -T2 -B1M -o /tmp/data.zst /tmp/data; /tests/threads create-and-join > /tmp/out";
    run(round);
    const long before = settled_free_memory(machine());
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(machine().run(round, Seconds(240)).status, 0);
    EXPECT_GE(settled_free_memory(machine()), before - 256);
}

}  // namespace
}  // namespace tenon::boot
