#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "modules/ext2/volume/directory_block.h"
#include "modules/ext2/volume/volume.h"

// ext2 volumes made by the stock mke2fs, and a reader that walks all of one.

namespace tenon::ext2::test {

// A folder with files of every shape that ext2 lays out differently. Made once per program run.
const std::filesystem::path& sample_folder();

// The bytes of a volume of that many MiB with the sample folder in it; `options` go to mke2fs.
const std::vector<std::byte>& make_image(const std::string& options, unsigned mebibytes);

class MemoryMedium final : public Medium {
public:
    explicit MemoryMedium(std::vector<std::byte> bytes) : image(std::move(bytes)) {}

    u64 size() const override { return image.size(); }
    Result<> read_metadata(u64 offset, std::span<std::byte> out) override;
    Result<> read_data(u64 offset, std::span<const std::span<std::byte>> parts) override;
    void complain(std::string_view text) override { complaints.emplace_back(text); }

    std::vector<std::byte> image;
    std::vector<std::string> complaints;
};

// An independent CRC-16, bit by bit.
u16 reference_crc16(u16 crc, std::span<const std::byte> data);

Result<std::string> read_file(const Volume& volume, const InodeRecord& inode);
Result<std::string> read_link(const Volume& volume, const InodeRecord& inode);
// Names and inode numbers, without "." and "..".
Result<std::map<std::string, u32>> read_directory(const Volume& volume, Medium& medium, const InodeRecord& inode);
Result<InodeRecord> find(const Volume& volume, Medium& medium, const std::string& path);

}  // namespace tenon::ext2::test
