#pragma once

#include <optional>

#include "kernel/fs/open_file.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include <tenon/char_device.h>

// The registered character devices, by number (include/tenon/char_device.h registers them).

namespace tenon::char_devices {

// Opens the device with that number; the result keeps its owner loaded. Errno::nxio when there is none.
Result<Opened> open(DeviceNumber number, u32 flags);

// The device with the smallest number, encoded, above `number` (std::nullopt: of all); std::nullopt behind the last.
std::optional<DeviceNumber> next_number(std::optional<DeviceNumber> number);
std::optional<FixedText<64>> name_of(DeviceNumber number);

// The lines of /proc/devices below "Character devices:".
void print_majors(TextSink& out);

}  // namespace tenon::char_devices
