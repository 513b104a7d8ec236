#pragma once

#include <optional>
#include <string_view>

namespace tenon::modreg {

// One `name=value` of a parameter string. Both views lead into the string, quotes removed.
struct Argument {
    std::string_view name;
    std::optional<std::string_view> value;  // absent when the name stood alone
};

// Takes a parameter string apart as Linux does: arguments are separated by white space; double quotes around a value or around a
// whole argument keep blanks; the first `=` outside quotes ends the name.
class ArgumentParser {
public:
    explicit ArgumentParser(std::string_view text) : rest_(text) {}

    // Nothing at the end.
    std::optional<Argument> next();

private:
    std::string_view rest_;
};

// Whether two parameter names are the same: `-` and `_` do not differ.
bool same_parameter(std::string_view left, std::string_view right);

}  // namespace tenon::modreg
