#pragma once

#include <span>
#include <string>

#include "kernel/lib/result.h"

// The three system calls of the loader, reached so that a wrapped libc sees them: finit_module through syscall(), the other
// two as libc functions.

namespace tenon::tools {

// Flags of finit_module(2).
inline constexpr unsigned load_ignore_modversions = 1;
inline constexpr unsigned load_ignore_vermagic = 2;
inline constexpr unsigned load_compressed_file = 4;

Result<> finit_module(int descriptor, const std::string& parameters, unsigned flags);
Result<> init_module(std::span<const std::byte> image, const std::string& parameters);

enum class Force { no, yes };
Result<> delete_module(const std::string& name, Force force);

// uname -r; "unknown" when even that fails.
std::string kernel_release();

// Why the last load of this process failed, in the kernel's words; empty when the kernel does not say (Linux).
std::string load_failure_reason();

}  // namespace tenon::tools
