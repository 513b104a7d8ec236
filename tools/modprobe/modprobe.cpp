// modprobe: adds and removes modules with all that they depend on.

#include "tools/modprobe/modprobe.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <getopt.h>
#include <unistd.h>

#include "tools/lib/config_files.h"
#include "tools/lib/file.h"
#include "tools/lib/options.h"
#include "tools/lib/syscalls.h"
#include "tools/lib/words.h"
#include "tools/modprobe/arguments.h"

namespace tenon::tools {

namespace {

// The files of modprobe.d, the soft and weak dependencies that depmod found, and the kernel command line.
Config read_config(const Request& request, const ModuleDirectory& directory)
{
    std::vector<std::string> paths;
    paths.push_back(directory.path() + "/modules.softdep");
    paths.push_back(directory.path() + "/modules.weakdep");
    const auto& folders = request.config_paths.empty() ? default_config_folders("modprobe.d") : request.config_paths;
    paths.insert(paths.end(), folders.begin(), folders.end());
    Config config;
    for (const ConfigFile& file : read_config_files(paths))
        parse_config(config, file.text, file.path);
    if (const auto line = read_text_file("/proc/cmdline"))
        parse_kernel_command_line(config, *line);
    return config;
}

bool perform(const Request& request)
{
    if (request.mode == Mode::show_modversions)
        return show_modversions(request);
    if (request.mode == Mode::show_exports)
        return show_exports(request);
    const ModuleDirectory directory(request.root, request.release.empty() ? kernel_release() : request.release);
    const Config config = read_config(request, directory);
    Catalog catalog(directory, config);
    switch (request.mode) {
    case Mode::show_config: return show_config(request, catalog);
    case Mode::remove: return remove_modules(request, catalog);
    case Mode::why: return explain_modules(request, catalog);
    default: return insert_modules(request, catalog);
    }
}

}  // namespace

}  // namespace tenon::tools

int main(int argc, char** argv)
{
    using namespace tenon::tools;
    Request request;
    if (const auto status = parse_arguments(request, argc, argv))
        return *status;
    if (fcntl(STDERR_FILENO, F_GETFD) < 0)
        set_log_target(LogTarget::syslog);
    if (request.mode != Mode::show_config && request.arguments.empty()) {
        message(Severity::error, "missing parameters. See -h.");
        return 1;
    }
    return finish(perform(request) ? 0 : 1);
}
