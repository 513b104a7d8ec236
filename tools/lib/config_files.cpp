#include "tools/lib/config_files.h"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>

#include "tools/lib/file.h"
#include "tools/lib/messages.h"

namespace tenon::tools {

namespace {

constexpr std::string_view extension = ".conf";

struct CloseFolder {
    void operator()(DIR* folder) const { closedir(folder); }
};

void add_file(std::vector<ConfigFile>& files, int folder, const std::string& path, const std::string& name)
{
    const auto same = [&](const ConfigFile& file) { return file.name == name; };
    if (std::any_of(files.begin(), files.end(), same)) {
        message(Severity::debug, "Ignoring duplicate config file: %s", path.c_str());
        return;
    }
    auto text = folder == AT_FDCWD ? read_text_file(path) : read_text_file_at(folder, name);
    if (!text) {
        message(Severity::warning, "could not read %s: %s", path.c_str(), error_text(text.error()));
        text.emplace();
    }
    files.push_back({path, name, *std::move(text)});
}

void add_folder(std::vector<ConfigFile>& files, const std::string& path)
{
    const std::unique_ptr<DIR, CloseFolder> folder(opendir(path.c_str()));
    if (!folder) {
        message(Severity::warning, "could not read %s: %s", path.c_str(), error_text(last_error().error()));
        return;
    }
    while (const dirent* entry = readdir(folder.get())) {
        const std::string name = entry->d_name;
        if (name.starts_with('.') || !name.ends_with(extension))
            continue;
        struct stat status {};
        const bool known = fstatat(dirfd(folder.get()), name.c_str(), &status, 0) == 0;
        if (known && S_ISDIR(status.st_mode))
            message(Severity::error, "Directories inside directories are not supported: %s/%s", path.c_str(), name.c_str());
        else
            add_file(files, dirfd(folder.get()), path + "/" + name, name);
    }
}

}  // namespace

std::vector<ConfigFile> read_config_files(std::span<const std::string> paths)
{
    std::vector<ConfigFile> files;
    for (const std::string& path : paths) {
        struct stat status {};
        if (stat(path.c_str(), &status) != 0) {
            message(Severity::debug, "could not stat '%s': %m", path.c_str());
            continue;
        }
        if (S_ISDIR(status.st_mode)) {
            add_folder(files, path);
        } else {
            const auto slash = path.rfind('/');
            add_file(files, AT_FDCWD, path, slash == std::string::npos ? path : path.substr(slash + 1));
        }
    }
    std::sort(files.begin(), files.end(), [](const ConfigFile& a, const ConfigFile& b) { return a.name < b.name; });
    return files;
}

Config read_module_config(const std::string& module_folder, std::span<const std::string> paths)
{
    std::vector<std::string> all_paths{module_folder + "/modules.softdep", module_folder + "/modules.weakdep"};
    all_paths.insert(all_paths.end(), paths.begin(), paths.end());
    Config config;
    for (const ConfigFile& file : read_config_files(all_paths))
        parse_config(config, file.text, file.path);
    if (const auto line = read_text_file("/proc/cmdline"))
        parse_kernel_command_line(config, *line);
    return config;
}

std::vector<std::string> default_config_folders(std::string_view name)
{
    std::vector<std::string> folders;
    for (const char* parent : {"/etc/", "/run/", "/usr/local/lib/", "/usr/lib/", "/lib/"})
        folders.push_back(std::string(parent).append(name));
    return folders;
}

}  // namespace tenon::tools
