#pragma once

#include <string_view>

#include "kernel/lib/result.h"
#include <tenon/fs.h>

// /dev: one ramfs, shared by all its mounts, in which the nodes of registered devices appear and disappear. Root may add to it
// as to any ramfs, but the names of devices are the kernel's: what stands there when a device comes gives way.

namespace tenon::devfs {

Result<> initialise();

// `type` is mode::char_device or mode::block_device; `name` may hold slashes. Errno::exist when another device
// has the name. May block.
Result<> add_node(std::string_view name, u32 type, u32 permissions, DeviceNumber number);
// What user space has put in the place of the node stays.
void remove_node(std::string_view name);

}  // namespace tenon::devfs
