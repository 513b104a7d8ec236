#include "kernel/dev/block/partition_table.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "kernel/lib/checked.h"

namespace tenon::partition_table {
namespace {

constexpr u32 sector_size = 512;
using Sector = std::array<std::byte, sector_size>;

// An entry of the table in the first sector and in each extended boot record.
struct MbrEntry {
    u8 type;
    u32 first;
    u32 count;

    bool is_extended() const { return type == 0x05 || type == 0x0f || type == 0x85; }
};

constexpr u8 mbr_type_gpt = 0xee;

// A boot sector of a file system ends in the same two bytes; there the bytes of the table are program text.
bool is_table(const Sector& sector)
{
    for (usize index = 0; index < 4; ++index)
        if ((sector[446 + index * 16] & std::byte{0x7f}) != std::byte{0})
            return false;
    return true;
}

bool has_boot_signature(const Sector& sector)
{
    return sector[510] == std::byte{0x55} && sector[511] == std::byte{0xaa};
}

MbrEntry mbr_entry(const Sector& sector, usize index)
{
    const auto bytes = std::span(sector).subspan(446 + index * 16, 16);
    return {load_le<u8>(bytes.subspan(4)), load_le<u32>(bytes.subspan(8)), load_le<u32>(bytes.subspan(12))};
}

// CRC-32 of IEEE 802.3, reflected, as GPT uses it.
u32 crc32(u32 crc, std::span<const std::byte> data)
{
    crc = ~crc;
    for (const std::byte byte : data) {
        crc ^= std::to_integer<u32>(byte);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
    }
    return ~crc;
}

struct GptHeader {
    u64 entries_sector;
    u32 entry_count;
    u32 entry_size;
    u32 entries_crc;
};

// The header in that sector when it is valid.
std::optional<GptHeader> parse_gpt_header(const Sector& sector, u64 own_sector)
{
    const std::span bytes(sector);
    const u32 size = load_le<u32>(bytes.subspan(12));
    if (std::memcmp(sector.data(), "EFI PART", 8) != 0 || size < 92 || size > sector_size ||
        load_le<u64>(bytes.subspan(24)) != own_sector)
        return std::nullopt;
    Sector copy = sector;
    std::fill_n(copy.begin() + 16, 4, std::byte{0});
    if (crc32(0, std::span(copy).first(size)) != load_le<u32>(bytes.subspan(16)))
        return std::nullopt;
    const GptHeader header{load_le<u64>(bytes.subspan(72)), load_le<u32>(bytes.subspan(80)),
                           load_le<u32>(bytes.subspan(84)), load_le<u32>(bytes.subspan(88))};
    const bool plausible = header.entry_count <= 1024 && header.entry_size >= 128 && header.entry_size <= sector_size &&
                           std::has_single_bit(header.entry_size);
    return plausible ? std::optional(header) : std::nullopt;
}

Result<std::optional<Entries>> read_gpt(SectorReader& reader, u64 header_sector)
{
    Sector sector;
    TRY(reader.read(header_sector, sector));
    const auto header = parse_gpt_header(sector, header_sector);
    if (!header)
        return std::nullopt;

    Entries entries;
    u32 crc = 0;
    const u32 per_sector = sector_size / header->entry_size;
    for (u32 index = 0; index < header->entry_count; ++index) {
        const u64 position = header->entries_sector + index / per_sector;
        if (index % per_sector == 0) {
            if (position >= reader.sector_count())
                return std::nullopt;
            TRY(reader.read(position, sector));
        }
        const auto bytes = std::span<const std::byte>(sector).subspan(index % per_sector * header->entry_size, header->entry_size);
        crc = crc32(crc, bytes);
        const bool used = std::any_of(bytes.begin(), bytes.begin() + 16, [](std::byte b) { return b != std::byte{0}; });
        const u64 first = load_le<u64>(bytes.subspan(32));
        const u64 last = load_le<u64>(bytes.subspan(40));
        if (used && last >= first && last < reader.sector_count())
            entries.add({first, last - first + 1, index + 1}, reader.sector_count());
    }
    return crc == header->entries_crc ? std::optional(entries) : std::nullopt;
}

// Logical partitions: a chain of boot records, each with one partition and the place of the next record, both relative.
// The chain has as many links as there is room for; a loop ends there.
Result<> read_logical(SectorReader& reader, u64 extended_first, Entries& entries)
{
    u64 record = extended_first;
    for (u32 number = 5; number <= Entries::limit; ++number) {
        Sector sector;
        if (record >= reader.sector_count())
            return {};
        TRY(reader.read(record, sector));
        if (!has_boot_signature(sector))
            return {};
        const MbrEntry partition = mbr_entry(sector, 0);
        const MbrEntry next = mbr_entry(sector, 1);
        entries.add({record + partition.first, partition.count, number}, reader.sector_count());
        if (!next.is_extended() || next.first == 0)
            return {};
        record = extended_first + next.first;
    }
    return {};
}

}  // namespace

void Entries::add(const Entry& entry, u64 disk_sectors)
{
    const bool inside = entry.first != 0 && entry.count != 0 && range_fits(entry.first, entry.count, disk_sectors);
    if (inside && entry.number <= limit && count_ < limit)
        entries_[count_++] = entry;
}

Result<Entries> read(SectorReader& reader)
{
    Entries entries;
    Sector first;
    if (reader.sector_count() < 2)
        return entries;
    TRY(reader.read(0, first));
    if (!has_boot_signature(first) || !is_table(first))
        return entries;

    if (mbr_entry(first, 0).type == mbr_type_gpt) {
        auto primary = TRY(read_gpt(reader, 1));
        if (primary)
            return *primary;
        auto backup = TRY(read_gpt(reader, reader.sector_count() - 1));
        return backup.value_or(entries);
    }
    for (u32 index = 0; index < 4; ++index) {
        const MbrEntry entry = mbr_entry(first, index);
        if (entry.is_extended())
            TRY(read_logical(reader, entry.first, entries));
        else if (entry.type != 0)
            entries.add({entry.first, entry.count, index + 1}, reader.sector_count());
    }
    return entries;
}

}  // namespace tenon::partition_table
