#include "tests/unit/modules/ext2/image.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <utility>

#include <gtest/gtest.h>

#include "kernel/lib/checked.h"

namespace tenon::ext2::test {
namespace fs = std::filesystem;
namespace {

// A folder that goes away with the program.
class TemporaryFolder {
public:
    TemporaryFolder()
    {
        std::string name = (fs::temp_directory_path() / "tenon-ext2-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr)
            std::abort();
        path = name;
    }
    ~TemporaryFolder() { fs::remove_all(path); }

    fs::path path;
};

void write_file(const fs::path& path, std::size_t bytes, unsigned seed)
{
    std::string content(bytes, '\0');
    for (std::size_t i = 0; i < bytes; ++i)
        content[i] = static_cast<char>((i * 31 + i / 1024 * 7 + seed) & 0xff);
    std::ofstream(path, std::ios::binary) << content;
}

// Holes in front of a few bytes: far enough back for the trees of every depth with blocks of 1 KiB.
void write_sparse(const fs::path& path, std::uintmax_t size)
{
    std::ofstream(path) << "";
    fs::resize_file(path, size);
    std::ofstream(path, std::ios::app) << "the end";
}

void fill(const fs::path& folder)
{
    write_file(folder / "empty", 0, 0);
    write_file(folder / "one", 1, 1);
    write_file(folder / "direct", 12 * 1024, 2);
    write_file(folder / "single", 200'003, 3);
    write_file(folder / "double", 700'001, 4);
    write_sparse(folder / "sparse", 3'000'000);
    write_sparse(folder / "triple", 70'000'000);
    fs::create_directories(folder / "deep/er/still");
    write_file(folder / "deep/er/still/file", 5000, 5);
    fs::create_directory(folder / "many");
    for (int i = 0; i < 200; ++i)
        write_file(folder / "many" / ("a-name-that-takes-some-room-" + std::to_string(i)), 3, static_cast<unsigned>(i));
    fs::create_symlink("one", folder / "short-link");
    fs::create_symlink(std::string(200, 'x') + "/target", folder / "long-link");
    fs::create_hard_link(folder / "one", folder / "same-as-one");
}

}  // namespace

const fs::path& sample_folder()
{
    static const TemporaryFolder folder;
    static const bool filled = (fill(folder.path), true);
    static_cast<void>(filled);
    return folder.path;
}

namespace {

std::vector<std::byte> run_mke2fs(const std::string& options, unsigned mebibytes)
{
    const TemporaryFolder work;
    const std::string image = (work.path / "image").string();
    const std::string command = "PATH=$PATH:/sbin:/usr/sbin mke2fs -q -F -t ext2 -d " + sample_folder().string() + " " + options +
                                " " + image + " " + std::to_string(mebibytes) + "M >/dev/null 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    std::vector<std::byte> content(fs::file_size(image));
    std::ifstream(image, std::ios::binary).read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(content.size()));
    return content;
}

}  // namespace

const std::vector<std::byte>& make_image(const std::string& options, unsigned mebibytes)
{
    static std::map<std::pair<std::string, unsigned>, std::vector<std::byte>> images;
    auto& image = images[{options, mebibytes}];
    if (image.empty())
        image = run_mke2fs(options, mebibytes);
    return image;
}

Result<> MemoryMedium::read_metadata(u64 offset, std::span<std::byte> out)
{
    if (!range_fits(offset, out.size(), image.size()))
        return tenon::fail(Errno::io);
    std::copy_n(image.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    return {};
}

Result<> MemoryMedium::read_data(u64 offset, std::span<const std::span<std::byte>> parts)
{
    EXPECT_EQ(offset % 512, 0u);
    for (const std::span<std::byte> part : parts) {
        EXPECT_EQ(part.size() % 512, 0u);
        EXPECT_TRUE(range_fits(offset, part.size(), image.size()));
        TRY(read_metadata(offset, part));
        offset += part.size();
    }
    return {};
}

u16 reference_crc16(u16 crc, std::span<const std::byte> data)
{
    unsigned value = crc;
    for (const std::byte byte : data) {
        value ^= std::to_integer<unsigned>(byte);
        for (int bit = 0; bit < 8; ++bit)
            value = (value & 1) != 0 ? (value >> 1) ^ 0xa001 : value >> 1;
    }
    return static_cast<u16>(value);
}

Result<std::string> read_file(const Volume& volume, const InodeRecord& inode)
{
    constexpr usize page_size = 4096;
    const usize page_count = (inode.size + page_size - 1) / page_size;
    std::string content(page_count * page_size, '?');
    const auto bytes = std::as_writable_bytes(std::span(content));
    std::vector<std::span<std::byte>> pages;
    for (usize index = 0; index < page_count; ++index)
        pages.push_back(bytes.subspan(index * page_size, page_size));
    // In groups of another size than any that the reader may think of.
    for (usize first = 0; first < page_count; first += 7)
        TRY(volume.read_pages(inode, first, std::span(pages).subspan(first, std::min<usize>(7, page_count - first))));
    content.resize(inode.size);
    return content;
}

Result<std::string> read_link(const Volume& volume, const InodeRecord& inode)
{
    if (!inode.is_fast_symlink(volume.geometry()))
        return read_file(volume, inode);
    return std::string(inode.inline_text().data(), inode.size);
}

Result<std::map<std::string, u32>> read_directory(const Volume& volume, Medium& medium, const InodeRecord& inode)
{
    std::map<std::string, u32> names;
    const std::string content = TRY(read_file(volume, inode));
    const auto bytes = std::as_bytes(std::span(content));
    const usize block_size = volume.geometry().block_size;
    for (usize start = 0; start < bytes.size(); start += block_size) {
        const auto block = TRY(DirectoryBlock::parse(bytes.subspan(start, block_size), volume.geometry(), inode.number, medium));
        for (auto entry = block.first_from(0); entry; entry = block.after(*entry))
            if (entry->name != "." && entry->name != "..")
                names.emplace(entry->name, entry->inode);
    }
    return names;
}

Result<InodeRecord> find(const Volume& volume, Medium& medium, const std::string& path)
{
    InodeRecord inode = TRY(volume.read_inode(root_inode));
    for (const auto& part : fs::path(path)) {
        const auto names = TRY(read_directory(volume, medium, inode));
        const auto name = names.find(part.string());
        if (name == names.end())
            return tenon::fail(Errno::noent);
        const InodeRecord next = TRY(volume.read_inode(name->second));
        inode = next;
    }
    return inode;
}

}  // namespace tenon::ext2::test
