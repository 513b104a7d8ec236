#pragma once

#include <optional>
#include <string>
#include <string_view>

// Module names, alias names and file names. In names `-` and `_` are the same; the written form is `_`.

namespace tenon::tools {

// `.ko`, `.ko.gz`, `.ko.xz`, `.ko.zst`; the position of the extension, or nothing when the path has none of them.
std::optional<std::size_t> module_extension(std::string_view path);

// "kernel/fs/ext4/snd-pcm.ko.zst" -> "snd_pcm". A name without folder and extension is only normalised. What follows the
// first dot of the file name does not count.
std::string module_name_from_path(std::string_view path);

// Dashes become underscores, up to the first dot. For names that cannot hold brackets.
std::string normalised_name(std::string_view name);

// An alias or a wildcard for one: dashes become underscores outside `[...]`. Nothing when a bracket is not closed.
std::optional<std::string> normalised_alias(std::string_view alias);

// Whether `name` matches the shell wildcard `pattern`.
bool matches(const std::string& pattern, const std::string& name);

}  // namespace tenon::tools
