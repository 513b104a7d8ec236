#pragma once

#include <array>

#include <tenon/fs.h>

// struct stat (asm-generic/stat.h) and struct statx (linux/stat.h) of 64-bit Linux.

namespace tenon::syscall {

struct StatLayout {
    u64 device;
    u64 number;
    u32 mode;
    u32 links;
    u32 uid;
    u32 gid;
    u64 node_device;
    u64 padding_1;
    u64 size;
    u32 block_size;
    u32 padding_2;
    u64 blocks;
    TimeSpec accessed;
    TimeSpec modified;
    TimeSpec changed;
    u64 padding_3;
};
static_assert(sizeof(StatLayout) == 128);

struct StatxTime {
    i64 seconds;
    u32 nanoseconds;
    i32 padding;
};

struct StatxLayout {
    u32 mask;
    u32 block_size;
    u64 attributes;
    u32 links;
    u32 uid;
    u32 gid;
    u16 mode;
    u16 padding;
    u64 number;
    u64 size;
    u64 blocks;
    u64 attributes_mask;
    StatxTime accessed;
    StatxTime born;
    StatxTime changed;
    StatxTime modified;
    u32 node_device_major;
    u32 node_device_minor;
    u32 device_major;
    u32 device_minor;
    std::array<u64, 14> more;
};
static_assert(sizeof(StatxLayout) == 256);

inline StatLayout make_stat(const InodeAttributes& attributes, u64 device)
{
    return {.device = device,
            .number = attributes.number,
            .mode = attributes.mode,
            .links = attributes.links,
            .uid = attributes.uid,
            .gid = attributes.gid,
            .node_device = attributes.device.encode(),
            .padding_1 = 0,
            .size = attributes.size,
            .block_size = attributes.block_size,
            .padding_2 = 0,
            .blocks = attributes.blocks,
            .accessed = attributes.accessed,
            .modified = attributes.modified,
            .changed = attributes.changed,
            .padding_3 = 0};
}

inline StatxLayout make_statx(const InodeAttributes& attributes, u64 device)
{
    constexpr u32 basic = 0x7ff;  // STATX_BASIC_STATS
    const auto time = [](TimeSpec value) {
        return StatxTime{value.seconds, static_cast<u32>(value.nanoseconds), 0};
    };
    const DeviceNumber on = DeviceNumber::decode(device);
    StatxLayout layout{};
    layout.mask = basic;
    layout.block_size = attributes.block_size;
    layout.links = attributes.links;
    layout.uid = attributes.uid;
    layout.gid = attributes.gid;
    layout.mode = static_cast<u16>(attributes.mode);
    layout.number = attributes.number;
    layout.size = attributes.size;
    layout.blocks = attributes.blocks;
    layout.accessed = time(attributes.accessed);
    layout.changed = time(attributes.changed);
    layout.modified = time(attributes.modified);
    layout.node_device_major = attributes.device.major;
    layout.node_device_minor = attributes.device.minor;
    layout.device_major = on.major;
    layout.device_minor = on.minor;
    return layout;
}

}  // namespace tenon::syscall
