#pragma once

#include <string_view>

#include "kernel/lib/result.h"
#include <tenon/fs.h>

// /dev: one ramfs, shared by all its mounts, in which the nodes of registered devices appear and disappear. User space may add
// to it as to any ramfs.

namespace tenon::devfs {

Result<> initialise();

// `type` is mode::char_device or mode::block_device; `name` may hold slashes. Errno::exist. May block.
Result<> add_node(std::string_view name, u32 type, u32 permissions, DeviceNumber number);
void remove_node(std::string_view name);

}  // namespace tenon::devfs
