#pragma once

#include <string>
#include <string_view>

// Which kernel is tested: the ordinary one, or with TENON_BUILD=build/debug the debug kernel.

namespace tenon::boot {

constexpr std::string_view debug_build = "build/debug";

// Of the kernel that is tested.
bool is_debug_kernel();

// Whether QEMU's CPU that has everything, and is of no maker, is tested (TENON_CPU=max in the environment), in place of a Cortex-A57.
bool is_newest_cpu();
// A file of its build.
std::string kernel_build(std::string_view file);

// Takes the tests out of those that will run that the tested kernel is not for (configuration.cpp), and says which and why.
void leave_out_what_does_not_hold();

}  // namespace tenon::boot
