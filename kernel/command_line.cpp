#include "kernel/command_line.h"

namespace tenon::command_line {
namespace {

bool ends_parameters(const modreg::Argument& argument)
{
    return argument.name == "--" && !argument.value;
}

}  // namespace

std::optional<std::string_view> find_parameter(std::string_view line, std::string_view name)
{
    std::optional<std::string_view> result;
    modreg::ArgumentParser parser(line);
    for (auto argument = parser.next(); argument && !ends_parameters(*argument); argument = parser.next())
        if (modreg::same_parameter(argument->name, name))
            result = argument->value.value_or(std::string_view{});
    return result;
}

InitWords::InitWords(std::string_view line) : parser_(line)
{
    for (auto argument = parser_.next(); argument && !ends_parameters(*argument);)
        argument = parser_.next();
}

bool InitWords::next(TextSink& out)
{
    const auto argument = parser_.next();
    if (!argument)
        return false;
    out.write(argument->name);
    if (argument->value)
        format_to(out, "={}", *argument->value);
    return true;
}

}  // namespace tenon::command_line
