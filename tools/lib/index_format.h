#pragma once

#include "kernel/lib/types.h"

// The binary index of kmod (modules.dep.bin and its kind), all numbers big-endian:
//   u32 magic, u32 version (major << 16 | minor), u32 reference to the root node
// A reference is the file offset of a node with flags in its top bits that say which parts the node has, in this order:
//   prefix    characters that every key below shares, terminated by NUL
//   children  u8 first, u8 last, then a reference for each character first..last; 0 where there is none
//   values    u32 count, then count times: u32 priority, text terminated by NUL; sorted by priority
// A key is the prefixes and child characters on the way from the root; keys are 7-bit ASCII.

namespace tenon::tools::index_format {

inline constexpr u32 magic = 0xb007f457;
inline constexpr u32 version_major = 2;
inline constexpr u32 version_minor = 1;
inline constexpr u32 header_size = 12;

inline constexpr u32 flag_prefix = 0x80000000;
inline constexpr u32 flag_values = 0x40000000;
inline constexpr u32 flag_children = 0x20000000;
inline constexpr u32 offset_mask = 0x0fffffff;

inline constexpr u8 largest_character = 127;

}  // namespace tenon::tools::index_format
