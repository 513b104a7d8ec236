// modprobe: adds and removes modules with all that they depend on.

#include "tools/modprobe/modprobe.h"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <getopt.h>
#include <unistd.h>

#include "tools/lib/commands.h"
#include "tools/lib/config_files.h"
#include "tools/lib/options.h"
#include "tools/lib/syscalls.h"
#include "tools/modprobe/arguments.h"

namespace tenon::tools::modprobe {

namespace {

bool perform(const Request& request)
{
    if (request.mode == Mode::show_modversions)
        return show_modversions(request);
    if (request.mode == Mode::show_exports)
        return show_exports(request);
    const ModuleDirectory directory(request.root, request.release.empty() ? kernel_release() : request.release);
    const auto& folders = request.config_paths.empty() ? default_config_folders("modprobe.d") : request.config_paths;
    const Config config = read_module_config(directory.path(), folders);
    Catalog catalog(directory, config);
    switch (request.mode) {
    case Mode::show_config: return show_config(request, catalog);
    case Mode::remove: return remove_modules(request, catalog);
    case Mode::why: return explain_modules(request, catalog);
    default: return insert_modules(request, catalog);
    }
}

}  // namespace

}  // namespace tenon::tools::modprobe

int tenon::tools::modprobe_main(int argc, char** argv)
{
    using namespace modprobe;
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
