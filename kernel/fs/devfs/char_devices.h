#pragma once

#include "kernel/fs/open_file.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include <tenon/char_device.h>

// The registered character devices, by number (include/tenon/char_device.h registers them).

namespace tenon::char_devices {

// Opens the device with that number; the result keeps its owner loaded. Errno::nxio when there is none.
Result<Opened> open(DeviceNumber number, u32 flags);

// The lines of /proc/devices below "Character devices:".
void print_majors(TextSink& out);

}  // namespace tenon::char_devices
