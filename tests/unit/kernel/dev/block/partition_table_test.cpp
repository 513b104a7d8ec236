#include "kernel/dev/block/partition_table.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kernel/lib/bits.h"
#include "tests/support/temporary_folder.h"

namespace tenon::partition_table {
namespace {

class Disk final : public SectorReader {
public:
    explicit Disk(usize sectors) : bytes(sectors * 512) {}

    Result<> read(u64 sector, std::span<std::byte> out) override
    {
        if (sector >= sector_count())
            return fail(Errno::io);
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(sector * 512), out.size(), out.begin());
        return {};
    }
    u64 sector_count() const override { return bytes.size() / 512; }

    void set_entry(u64 sector, usize index, u8 type, u32 first, u32 count)
    {
        const auto entry = std::span(bytes).subspan(sector * 512 + 446 + index * 16, 16);
        entry[4] = std::byte{type};
        store_le<u32>(entry.subspan(8), first);
        store_le<u32>(entry.subspan(12), count);
        store_le<u16>(std::span(bytes).subspan(sector * 512 + 510), u16{0xaa55});
    }

    std::vector<std::byte> bytes;
};

// A disk with two partitions made by the stock sgdisk.
Disk make_gpt()
{
    const test::TemporaryFolder folder;
    const std::string path = folder.path("disk");
    const std::string command = "PATH=$PATH:/sbin:/usr/sbin; truncate -s 8M " + path + " && sgdisk -Z " + path +
                                " >/dev/null 2>&1; sgdisk -n 1:2048:4095 -n 3:4096:8191 " + path + " >/dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0);
    std::ifstream file(path, std::ios::binary);
    const std::string content{std::istreambuf_iterator<char>(file), {}};
    Disk disk(0);
    const auto bytes = std::as_bytes(std::span(content));
    disk.bytes.assign(bytes.begin(), bytes.end());
    return disk;
}

void expect_gpt_partitions(Disk& disk)
{
    const auto entries = read(disk);
    ASSERT_TRUE(entries.has_value());
    ASSERT_EQ(entries->view().size(), 2u);
    EXPECT_EQ(entries->view()[0].number, 1u);
    EXPECT_EQ(entries->view()[0].first, 2048u);
    EXPECT_EQ(entries->view()[0].count, 2048u);
    EXPECT_EQ(entries->view()[1].number, 3u);
    EXPECT_EQ(entries->view()[1].count, 4096u);
}

TEST(PartitionTable, ReadsWhatSgdiskWrites)
{
    Disk disk = make_gpt();
    expect_gpt_partitions(disk);
}

TEST(PartitionTable, UsesTheBackupWhenTheHeaderIsDamaged)
{
    Disk disk = make_gpt();
    disk.bytes[512 + 40] ^= std::byte{1};
    expect_gpt_partitions(disk);
}

TEST(PartitionTable, IgnoresEntriesWithAWrongChecksum)
{
    Disk disk = make_gpt();
    disk.bytes[2 * 512 + 32] ^= std::byte{1};
    disk.bytes[disk.bytes.size() - 512 + 40] ^= std::byte{1};
    const auto entries = read(disk);
    ASSERT_TRUE(entries.has_value());
    EXPECT_TRUE(entries->view().empty());
}

TEST(PartitionTable, ReadsPrimaryAndLogicalPartitions)
{
    Disk disk(10'000);
    disk.set_entry(0, 0, 0x83, 100, 400);
    disk.set_entry(0, 1, 0x05, 1000, 9000);
    disk.set_entry(1000, 0, 0x83, 10, 90);
    disk.set_entry(1000, 1, 0x05, 500, 500);
    disk.set_entry(1500, 0, 0x83, 20, 80);
    const auto entries = read(disk);
    ASSERT_TRUE(entries.has_value());
    ASSERT_EQ(entries->view().size(), 3u);
    EXPECT_EQ(entries->view()[1].number, 5u);
    EXPECT_EQ(entries->view()[1].first, 1010u);
    EXPECT_EQ(entries->view()[2].number, 6u);
    EXPECT_EQ(entries->view()[2].first, 1520u);
}

TEST(PartitionTable, EndsOnALoopOfLogicalPartitions)
{
    Disk disk(10'000);
    disk.set_entry(0, 0, 0x05, 1000, 9000);
    disk.set_entry(1000, 0, 0x83, 10, 90);
    disk.set_entry(1000, 1, 0x05, 500, 500);
    disk.set_entry(1500, 1, 0x05, 500, 500);
    const auto entries = read(disk);
    ASSERT_TRUE(entries.has_value());
    EXPECT_LE(entries->view().size(), Entries::limit);
}

TEST(PartitionTable, LeavesOutWhatIsOutsideTheDisk)
{
    Disk disk(1000);
    disk.set_entry(0, 0, 0x83, 900, 101);
    disk.set_entry(0, 1, 0x83, 900, 100);
    disk.set_entry(0, 2, 0x83, 0xffff'ffff, 0xffff'ffff);
    const auto entries = read(disk);
    ASSERT_TRUE(entries.has_value());
    ASSERT_EQ(entries->view().size(), 1u);
    EXPECT_EQ(entries->view()[0].number, 2u);
}

TEST(PartitionTable, IsEmptyForAPlainDisk)
{
    Disk disk(1000);
    ASSERT_TRUE(read(disk).has_value());
    EXPECT_TRUE(read(disk)->view().empty());
}

}  // namespace
}  // namespace tenon::partition_table
