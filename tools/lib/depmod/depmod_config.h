#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenon::tools {

// depmod.d(5): which of several files for one module counts, and where modules are looked for.
struct DepmodConfig {
    enum class SearchKind { folder, built_in, external };
    struct Search {
        SearchKind kind;
        std::string path;  // absolute; of a folder
    };

    std::vector<Search> searches;        // the most important first
    std::vector<std::string> overrides;  // absolute paths of modules without extension
    std::vector<std::string> externals;  // absolute paths of folders
    std::vector<std::string> excludes;   // names of folders

    // The rank that `search` gives a file, 0 the best.
    std::size_t rank_of(std::string_view path) const;

    // Whether a file that is found later takes the place of the one before: that with the better rank does. Of equal ones kmod
    // keeps the first, but takes the last below a folder that `search` names.
    bool prefers(std::string_view newer, std::string_view older) const;
};

// Adds the lines of a file. `directory` is the module folder, `release` the kernel release that `override` and `external` lines
// are compared with.
void parse_depmod_config(DepmodConfig& config, std::string_view text, const std::string& file_name,
                         const std::string& directory, const std::string& release);

// What counts when no line says otherwise.
void add_default_searches(DepmodConfig& config, const std::string& directory);

}  // namespace tenon::tools
