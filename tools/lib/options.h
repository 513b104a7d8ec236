#pragma once

#include <optional>

// What every tool's command line has in common.

namespace tenon::tools {

// Prints name and version for -V, with the compressions that are built in.
void print_version();

// The same for the commands of kmod: the first line has the version of kmod whose place they take.
void print_kmod_version();

// What -s, -v, -V, -h and a wrong option do in every command of kmod. The exit status when the tool is to end with that.
std::optional<int> common_option(int key, const char* help_text);

// Writes what is buffered for standard output; the exit status that main() should return: `status`, or 1 when the output
// could not be written (a full disk must not pass unnoticed).
int finish(int status);

}  // namespace tenon::tools
