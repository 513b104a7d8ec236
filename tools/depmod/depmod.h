#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tenon::tools::depmod {

// The command line of depmod.
struct Request {
    bool all = false;
    bool only_if_newer = false;  // -A
    bool to_stdout = false;      // -n
    bool report_unknown = false;
    bool warn_duplicates = false;
    bool json = false;
    char symbol_prefix = '\0';
    std::string root;
    std::string module_folder = "/lib/modules";
    std::string output_root;
    std::string symbol_versions;  // -E
    std::string system_map;       // -F
    std::string release;
    std::vector<std::string> config_paths;
    std::vector<std::string> files;

    std::string directory() const { return root + module_folder + "/" + release; }
    std::string output_directory() const
    {
        return output_root.empty() ? directory() : output_root + module_folder + "/" + release;
    }
};

// The exit status when depmod is to end with what the command line says.
std::optional<int> parse_arguments(Request& request, int argc, char** argv);

// Whether modules.dep is newer than every module and folder.
bool is_up_to_date(const std::string& directory);

// Does the work; whether all went well. Failures have been reported.
bool run(const Request& request);

}  // namespace tenon::tools::depmod
