// insmod: hands one module file to the kernel.

#include <cstdio>
#include <fcntl.h>
#include <cstring>
#include <getopt.h>
#include <string>

#include "tools/lib/commands.h"
#include "tools/lib/failure.h"
#include "tools/lib/file.h"
#include "tools/lib/loader.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_directory.h"
#include "tools/lib/options.h"
#include "tools/lib/syscalls.h"

using namespace tenon;
using namespace tenon::tools;

namespace {

constexpr int option_force_modversion = 256;
constexpr int option_force_vermagic = 257;

constexpr const char* short_options = "fsvVh";
const option long_options[] = {
    {"force", no_argument, nullptr, 'f'},
    {"force-modversion", no_argument, nullptr, option_force_modversion},
    {"force-vermagic", no_argument, nullptr, option_force_vermagic},
    {"syslog", no_argument, nullptr, 's'},
    {"verbose", no_argument, nullptr, 'v'},
    {"version", no_argument, nullptr, 'V'},
    {"help", no_argument, nullptr, 'h'},
    {},
};

constexpr const char* help_text =
    "Usage:\n"
    "\tinsmod [options] filename [parameter=value...]\n"
    "Options:\n"
    "\t-f, --force              --force-modversion and --force-vermagic\n"
    "\t    --force-modversion   do not compare symbol versions\n"
    "\t    --force-vermagic     do not compare the version magic\n"
    "\t-s, --syslog             send messages to the system log, not to standard error\n"
    "\t-v, --verbose            say more\n"
    "\t-V, --version            print the version\n"
    "\t-h, --help               print this help\n";

int insert(const std::string& path, const std::string& parameters, ForceLoad force)
{
    if (const auto readable = open_file(path, O_RDONLY | O_NONBLOCK); !readable) {
        message(Severity::error, "could not load module %s: %s", path.c_str(), error_text(readable.error()));
        return 1;
    }
    const auto result = load_module(path, parameters, force);
    if (result)
        return 0;
    const ModuleDirectory directory("", kernel_release());
    const Providers providers([&](const std::string& symbol) { return directory.provider_of(symbol); });
    const std::string reason = failure_reason(load_error_text(result.error()), providers);
    message(Severity::error, "could not insert module %s: %s", path.c_str(), reason.c_str());
    return 1;
}

}  // namespace

int tenon::tools::insmod_main(int argc, char** argv)
{
    ForceLoad force;
    for (int key; (key = getopt_long(argc, argv, short_options, long_options, nullptr)) != -1;) {
        switch (key) {
        case 'f': force = {true, true}; break;
        case option_force_modversion: force.modversion = true; break;
        case option_force_vermagic: force.vermagic = true; break;
        default:
            if (const auto status = common_option(key, help_text))
                return *status;
        }
    }
    if (optind >= argc) {
        message(Severity::error, "missing filename.");
        return 1;
    }
    const std::string path = argv[optind];
    if (path == "-") {
        message(Severity::error, "this tool does not support loading from stdin!");
        return 1;
    }
    std::string parameters;
    for (int index = optind + 1; index < argc; ++index) {
        if (!parameters.empty())
            parameters += ' ';
        parameters += argv[index];
    }
    return insert(path, parameters, force);
}
