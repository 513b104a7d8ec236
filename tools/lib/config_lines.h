#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenon::tools {

// Reads the logical lines of a modprobe.d or depmod.d file: a backslash before the end of a line joins the next one to it,
// before any other character it is dropped. Empty lines and comments are left out.
class ConfigLines {
public:
    explicit ConfigLines(std::string_view text) : rest_(text) {}

    std::optional<std::string> next();

    // Of the line returned last; of its last part when it was joined.
    unsigned number() const { return number_; }

private:
    std::string read_line();

    std::string_view rest_;
    unsigned number_ = 0;
};

}  // namespace tenon::tools
