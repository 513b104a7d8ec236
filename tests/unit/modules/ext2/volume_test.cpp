#include "modules/ext2/volume/volume.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/modules/ext2/image.h"

// Volumes that the stock mke2fs made, compared file by file with the folder they were made of.

namespace tenon::ext2::test {
namespace fs = std::filesystem;
namespace {

std::string host_content(const fs::path& path)
{
    std::string content(fs::file_size(path), '\0');
    std::ifstream(path, std::ios::binary).read(content.data(), static_cast<std::streamsize>(content.size()));
    return content;
}

struct Variant {
    const char* name;
    const char* options;
};

class VolumeOf : public testing::TestWithParam<Variant> {
protected:
    VolumeOf() : medium(make_image(GetParam().options, 24))
    {
        auto opened = Volume::open(medium, reference_crc16);
        EXPECT_TRUE(opened.has_value()) << (medium.complaints.empty() ? "" : medium.complaints.front());
        if (opened)
            volume = std::move(*opened);
    }

    MemoryMedium medium;
    std::unique_ptr<Volume> volume;
};

TEST_P(VolumeOf, HoldsWhatTheFolderHolds)
{
    ASSERT_NE(volume, nullptr);
    usize compared = 0;
    for (const auto& entry : fs::recursive_directory_iterator(sample_folder())) {
        const std::string path = entry.path().lexically_relative(sample_folder()).string();
        const auto inode = find(*volume, medium, path);
        ASSERT_TRUE(inode.has_value()) << path;
        struct stat expected = {};
        ASSERT_EQ(lstat(entry.path().c_str(), &expected), 0);
        EXPECT_EQ(inode->mode, expected.st_mode) << path;
        EXPECT_EQ(inode->modified.seconds, expected.st_mtime) << path;
        if (entry.is_symlink()) {
            EXPECT_EQ(read_link(*volume, *inode).value(), fs::read_symlink(entry.path()).string());
        } else if (entry.is_regular_file()) {
            EXPECT_TRUE(read_file(*volume, *inode).value() == host_content(entry.path())) << path;
        }
        ++compared;
    }
    EXPECT_GT(compared, 200u);
    EXPECT_TRUE(medium.complaints.empty()) << medium.complaints.front();
}

TEST_P(VolumeOf, HasNothingThatTheFolderLacks)
{
    ASSERT_NE(volume, nullptr);
    const auto root = volume->read_inode(root_inode);
    ASSERT_TRUE(root.has_value());
    const auto names = read_directory(*volume, medium, *root);
    ASSERT_TRUE(names.has_value());
    for (const auto& [name, number] : *names)
        EXPECT_TRUE(name == "lost+found" || fs::exists(fs::symlink_status(sample_folder() / name))) << name;
}

TEST_P(VolumeOf, HardLinksShareAnInode)
{
    ASSERT_NE(volume, nullptr);
    const auto one = find(*volume, medium, "one");
    const auto same = find(*volume, medium, "same-as-one");
    ASSERT_TRUE(one.has_value() && same.has_value());
    EXPECT_EQ(one->number, same->number);
    EXPECT_EQ(one->links, 2u);
}

// Pages of every size give the same bytes.
TEST_P(VolumeOf, PagesOfAnySizeAgree)
{
    ASSERT_NE(volume, nullptr);
    const auto inode = find(*volume, medium, "double");
    ASSERT_TRUE(inode.has_value());
    const std::string expected = host_content(sample_folder() / "double");
    for (usize size : {512u, 1024u, 65536u}) {
        std::vector<std::byte> page(size);
        const u64 index = inode->size / size;  // the last, partial one
        ASSERT_TRUE(volume->read_page(*inode, index, page).has_value());
        const usize present = inode->size % size;
        EXPECT_EQ(std::memcmp(page.data(), expected.data() + index * size, present), 0);
        EXPECT_TRUE(std::all_of(page.begin() + static_cast<std::ptrdiff_t>(present), page.end(),
                                [](std::byte b) { return b == std::byte{0}; }));
    }
}

INSTANTIATE_TEST_SUITE_P(Mke2fs, VolumeOf,
                         testing::Values(Variant{"Blocks1K", "-b 1024"}, Variant{"Blocks2K", "-b 2048"},
                                         Variant{"Blocks4K", "-b 4096"}, Variant{"Blocks64K", "-b 65536 -N 512"},
                                         Variant{"SmallInodes", "-b 1024 -I 128"}, Variant{"LargeInodes", "-b 4096 -I 1024"},
                                         Variant{"NoTypes", "-b 1024 -O ^filetype"},
                                         Variant{"DescriptorChecksums", "-b 1024 -O uninit_bg"},
                                         Variant{"MetaGroups", "-b 1024 -O meta_bg,^resize_inode"},
                                         Variant{"FlexGroups", "-b 1024 -O flex_bg,uninit_bg -G 4"},
                                         Variant{"ManyGroups", "-b 1024 -g 1024"},
                                         Variant{"AllSuperblocks", "-b 1024 -O ^sparse_super,^resize_inode"}),
                         [](const auto& variant) { return variant.param.name; });

}  // namespace
}  // namespace tenon::ext2::test
