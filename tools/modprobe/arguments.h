#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/modprobe/modprobe.h"

namespace tenon::tools::modprobe {

// Reads MODPROBE_OPTIONS and the command line. `-C`, `-q`, `-s` and `-v` are put into MODPROBE_OPTIONS for install and remove
// commands. The exit status when modprobe is to end with that.
std::optional<int> parse_arguments(Request& request, int argc, char** argv);

// MODPROBE_OPTIONS cut at blanks; quotes hold a word together and are dropped.
std::vector<std::string> split_quoted(std::string_view text);

}  // namespace tenon::tools::modprobe
