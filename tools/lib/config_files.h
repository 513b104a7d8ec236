#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/lib/config.h"

namespace tenon::tools {

// A configuration file and its text.
struct ConfigFile {
    std::string path;
    std::string name;
    std::string text;
};

// Reads the `*.conf` files of all folders, sorted by name. Of files with one name the one in the folder named first counts. A
// path may also be a file itself, whatever its name. What is missing is passed over; a file that cannot be read is reported and counts
// as an empty one.
std::vector<ConfigFile> read_config_files(std::span<const std::string> paths);

// What these files of modprobe.d say, what depmod found in the folder of modules (soft and weak dependencies), and the kernel command line.
Config read_module_config(const std::string& module_folder, std::span<const std::string> paths);

// The folders of modprobe.d(5) or depmod.d(5) ("modprobe.d"), most important first.
std::vector<std::string> default_config_folders(std::string_view name);

}  // namespace tenon::tools
