#include "tools/lib/symbol_text.h"

#include <cstdlib>
#include <cxxabi.h>

namespace tenon::tools {

std::string readable_symbol(const std::string& symbol)
{
    if (!symbol.starts_with("_Z"))
        return symbol;
    int status = 0;
    char* text = abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status);
    const std::string result = text == nullptr ? symbol : text;
    std::free(text);
    return result;
}

}  // namespace tenon::tools
