#pragma once

#include <span>

#include "kernel/lib/result.h"

namespace tenon::initramfs {

// What a root file system has before any archive, as on Linux: /dev, /dev/console and /root. So init has a console even when
// the archive holds none.
Result<> make_first_entries();

// Unpacks newc archives, plain or zstd-compressed, one behind the other with zeros between, into the root file system. What
// was unpacked before an error stays; the log says what is wrong and where.
Result<> unpack(std::span<const std::byte> image);

// Unpacks what the boot loader has put into memory, and gives that memory back. Nothing happens when there is none.
void unpack_boot_image();

}  // namespace tenon::initramfs
