#pragma once

#include <string>

#include "kernel/lib/result.h"

namespace tenon::tools {

// Runs an install or remove command of the configuration in a shell. `$CMDLINE_OPTS` in it becomes `options`, of which the shell
// expands nothing: a parameter with characters that mean something to it is quoted. MODPROBE_MODULE is
// the module's name in its environment. Its exit status, which of a shell that was killed is the wait status; `Errno::deadlk` when it is
// being run already by one of the processes that led here, or why no shell could be run: both are reported.
Result<int> run_module_command(const char* kind, const std::string& command, const std::string& module,
                            const std::string& options);

// The command as it will be run.
std::string expanded_command(const std::string& command, const std::string& options);

}  // namespace tenon::tools
