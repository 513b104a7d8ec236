#pragma once

#include <string_view>

#include "kernel/lib/result.h"
#include "kernel/lib/text.h"

// How the system calls itself: uname(2), /proc/version and /proc/sys/kernel (sysctl::add_system_names).

namespace tenon::system_name {

constexpr usize longest = 64;  // of each part (__NEW_UTS_LEN)

// Reads the boot argument: with `linux_release=6.1.0` programs that ask for a minimum are answered Linux and that release.
void read_boot_arguments();

std::string_view system();
std::string_view release();
std::string_view version();

FixedText<longest> host();
FixedText<longest> domain();
// Errno::inval when it is too long.
Result<> set_host(std::string_view name);
Result<> set_domain(std::string_view name);

void print_version(TextSink& out);  // /proc/version

}  // namespace tenon::system_name
