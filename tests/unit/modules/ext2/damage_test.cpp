#include <random>

#include <gtest/gtest.h>

#include "kernel/lib/bits.h"
#include "tests/unit/modules/ext2/image.h"

// Volumes that are not sound: the right errno, a line that says why, and an end.

namespace tenon::ext2::test {
namespace {

const std::vector<std::byte>& sound_image()
{
    static const std::vector<std::byte> image = make_image("-b 1024 -O uninit_bg", 24);
    return image;
}

class Damage : public testing::Test {
protected:
    template <typename T>
    void set(u64 offset, T value)
    {
        store_le<T>(std::span(medium.image).subspan(offset), value);
    }

    void expect_refused(Errno error, std::string_view reason)
    {
        const auto volume = Volume::open(medium, reference_crc16);
        ASSERT_FALSE(volume.has_value());
        EXPECT_EQ(volume.error(), error);
        ASSERT_EQ(medium.complaints.size(), 1u);
        EXPECT_NE(medium.complaints[0].find(reason), std::string::npos) << medium.complaints[0];
    }

    // Where the inode stands in the image.
    u64 inode_offset(u32 number) const
    {
        const u64 table = load_le<u32>(std::span(medium.image).subspan(2048 + 8));
        return table * 1024 + u64{number - 1} * 256;
    }

    MemoryMedium medium{sound_image()};
};

TEST_F(Damage, NoMagic)
{
    set<u16>(1024 + 0x38, 0);
    expect_refused(Errno::inval, "magic");
}

TEST_F(Damage, UnsupportedFeature)
{
    set<u32>(1024 + 0x60, 0x0042);
    expect_refused(Errno::inval, "extents");
}

TEST_F(Damage, UnknownFeature)
{
    set<u32>(1024 + 0x60, 0x40000002);
    expect_refused(Errno::inval, "0x40000000");
}

TEST_F(Damage, MoreBlocksThanTheDevice)
{
    medium.image.resize(medium.image.size() - 1024);
    expect_refused(Errno::inval, "do not fit");
}

TEST_F(Damage, GroupsOfNoBlocks)
{
    set<u32>(1024 + 0x20, 0);
    expect_refused(Errno::inval, "blocks per group");
}

TEST_F(Damage, OddInodeSize)
{
    set<u16>(1024 + 0x58, 200);
    expect_refused(Errno::inval, "inodes of 200 bytes");
}

TEST_F(Damage, HugeBlocks)
{
    set<u32>(1024 + 0x18, 40);
    expect_refused(Errno::inval, "2^50");
}

TEST_F(Damage, WrongDescriptorChecksum)
{
    set<u16>(2048 + 0x0c, 1);
    expect_refused(Errno::uclean, "checksum");
}

TEST_F(Damage, TinyDevice)
{
    medium.image.resize(1500);
    expect_refused(Errno::inval, "only 1500 bytes");
}

TEST_F(Damage, BlockOutsideTheVolume)
{
    const auto volume = Volume::open(medium, reference_crc16);
    ASSERT_TRUE(volume.has_value());
    const auto before = find(**volume, medium, "direct");
    ASSERT_TRUE(before.has_value());
    set<u32>(inode_offset(before->number) + 0x28 + 4 * 3, 0x00ff'ffff);
    const auto after = find(**volume, medium, "direct");
    ASSERT_TRUE(after.has_value());
    EXPECT_EQ(read_file(**volume, *after).error(), Errno::uclean);
    EXPECT_EQ(medium.complaints.size(), 1u);
}

TEST_F(Damage, DirectoryEntryOfNoLength)
{
    const auto volume = Volume::open(medium, reference_crc16);
    ASSERT_TRUE(volume.has_value());
    const auto root = (*volume)->read_inode(root_inode);
    ASSERT_TRUE(root.has_value());
    set<u16>(u64{root->blocks[0]} * 1024 + 4, 0);
    EXPECT_EQ(read_directory(**volume, medium, *root).error(), Errno::uclean);
}

TEST_F(Damage, InodeThatIsNotInUse)
{
    const auto volume = Volume::open(medium, reference_crc16);
    ASSERT_TRUE(volume.has_value());
    const auto one = find(**volume, medium, "one");
    ASSERT_TRUE(one.has_value());
    set<u16>(inode_offset(one->number) + 0x1a, 0);
    EXPECT_EQ(find(**volume, medium, "one").error(), Errno::stale);
}

// Reads everything that is reachable, to a depth that damage may invent.
void walk(const Volume& volume, Medium& medium, u32 number, unsigned depth, u64& budget)
{
    const auto inode = volume.read_inode(number);
    if (!inode || budget == 0)
        return;
    --budget;
    if (inode->is_symlink()) {
        static_cast<void>(read_link(volume, *inode));
    } else if (inode->is_directory() && depth < 4 && inode->size < 1'000'000) {
        if (const auto names = read_directory(volume, medium, *inode))
            for (const auto& [name, child] : *names)
                walk(volume, medium, child, depth + 1, budget);
    } else if (inode->is_regular()) {
        std::vector<std::byte> page(4096);
        for (u64 index = 0; index < 64; ++index)
            static_cast<void>(volume.read_page(*inode, index * 257, page));
    }
}

// Seeded, so that a failure repeats. The sanitizers are the judge.
TEST(DamageAnywhere, IsSurvived)
{
    std::mt19937 random(20240607);
    const std::vector<std::byte>& sound = sound_image();
    unsigned opened = 0;
    for (int round = 0; round < 60; ++round) {
        MemoryMedium medium(sound);
        // The first 400 blocks hold the superblock, descriptors, bitmaps, the first inodes and directories.
        const int damages = 1 + static_cast<int>(random() % 30);
        for (int i = 0; i < damages; ++i)
            medium.image[1024 + (round % 2 == 0 ? 2048 : 0) + random() % (400 * 1024)] = static_cast<std::byte>(random());
        const auto volume = Volume::open(medium, reference_crc16);
        if (!volume)
            continue;
        ++opened;
        u64 budget = 400;
        walk(**volume, medium, root_inode, 0, budget);
    }
    EXPECT_GT(opened, 10u);
}

}  // namespace
}  // namespace tenon::ext2::test
