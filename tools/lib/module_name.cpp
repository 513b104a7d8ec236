#include "tools/lib/module_name.h"

#include <algorithm>
#include <array>
#include <fnmatch.h>

namespace tenon::tools {

std::optional<std::size_t> module_extension(std::string_view path)
{
    static constexpr std::array<std::string_view, 4> extensions = {".ko", ".ko.gz", ".ko.xz", ".ko.zst"};
    for (const std::string_view extension : extensions)
        if (path.ends_with(extension) && path.size() > extension.size())
            return path.size() - extension.size();
    return std::nullopt;
}

std::string module_name_from_path(std::string_view path)
{
    const auto slash = path.rfind('/');
    return normalised_name(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

std::string normalised_name(std::string_view name)
{
    std::string result(name.substr(0, name.find('.')));
    std::replace(result.begin(), result.end(), '-', '_');
    return result;
}

std::optional<std::string> normalised_alias(std::string_view alias)
{
    std::string result(alias);
    for (std::size_t at = 0; at < result.size(); ++at) {
        if (result[at] == '-') {
            result[at] = '_';
        } else if (result[at] == ']') {
            return std::nullopt;
        } else if (result[at] == '[') {
            const auto close = result.find(']', at);
            if (close == std::string::npos)
                return std::nullopt;
            at = close;
        }
    }
    return result;
}

// Up to the first wildcard a pattern is compared as it stands: most have none, and most names differ early.
bool matches(const std::string& pattern, const std::string& name)
{
    constexpr std::string_view special = "*?[\\";
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (special.find(pattern[at]) != std::string_view::npos)
            return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
        if (at == name.size() || pattern[at] != name[at])
            return false;
    }
    return pattern.size() == name.size();
}

}  // namespace tenon::tools
