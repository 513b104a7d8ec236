#pragma once

#include <string>

namespace tenon::tools {

// A symbol as a person reads it: a C++ name with its parameters, any other as it stands.
std::string readable_symbol(const std::string& symbol);

}  // namespace tenon::tools
