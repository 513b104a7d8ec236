#pragma once

#include <string>
#include <string_view>

#include "kernel/lib/result.h"

namespace tenon::tools {

// Writes a file as a whole or not at all: beside `path`, which the new file then takes. What is no regular file, as /dev/stdout, is
// written to.
Result<> replace_file(const std::string& path, std::string_view contents);

}  // namespace tenon::tools
