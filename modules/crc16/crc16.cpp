// The checksum of ext4's group descriptors (uninit_bg), as a library module.

#include <array>

#include <tenon/crc16.h>
#include <tenon/module.h>

namespace {

constexpr tenon::u16 polynomial = 0xa001;  // x^16 + x^15 + x^2 + 1, reflected

constexpr std::array<tenon::u16, 256> make_table()
{
    std::array<tenon::u16, 256> table{};
    for (unsigned byte = 0; byte < table.size(); ++byte) {
        unsigned value = byte;
        for (int bit = 0; bit < 8; ++bit)
            value = (value & 1) != 0 ? (value >> 1) ^ polynomial : value >> 1;
        table[byte] = static_cast<tenon::u16>(value);
    }
    return table;
}

constexpr auto table = make_table();

}  // namespace

tenon::u16 tenon::crc16(u16 crc, std::span<const std::byte> data)
{
    for (const std::byte byte : data)
        crc = static_cast<u16>((crc >> 8) ^ table[(crc ^ static_cast<u8>(byte)) & 0xff]);
    return crc;
}
EXPORT_SYMBOL(tenon::crc16);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_AUTHOR("The Tenon project");
MODULE_DESCRIPTION("CRC-16 checksums");
