#include "tools/lib/config_lines.h"

namespace tenon::tools {

std::optional<std::string> ConfigLines::next()
{
    while (!rest_.empty()) {
        std::string line = read_line();
        const auto start = line.find_first_not_of(" \t");
        if (start != std::string::npos && line[start] != '#')
            return line;
    }
    return std::nullopt;
}

std::string ConfigLines::read_line()
{
    std::string line;
    ++number_;
    while (!rest_.empty()) {
        char character = rest_.front();
        rest_.remove_prefix(1);
        if (character == '\n')
            break;
        if (character == '\\' && !rest_.empty()) {
            character = rest_.front();
            rest_.remove_prefix(1);
            if (character == '\n') {
                ++number_;
                continue;
            }
        }
        if (character != '\0')
            line.push_back(character);
    }
    return line;
}

}  // namespace tenon::tools
