// rmmod: takes modules out of the kernel.

#include <cstdio>
#include <getopt.h>
#include <string>
#include <sys/stat.h>

#include "tools/lib/commands.h"
#include "tools/lib/file.h"
#include "tools/lib/kernel_modules.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_directory.h"
#include "tools/lib/module_name.h"
#include "tools/lib/options.h"
#include "tools/lib/syscalls.h"
#include "tools/lib/words.h"

using namespace tenon;
using namespace tenon::tools;

namespace {

constexpr const char* short_options = "fsvVh";
const option long_options[] = {
    {"force", no_argument, nullptr, 'f'},   {"syslog", no_argument, nullptr, 's'},
    {"verbose", no_argument, nullptr, 'v'}, {"version", no_argument, nullptr, 'V'},
    {"help", no_argument, nullptr, 'h'},    {},
};

constexpr const char* help_text =
    "Usage:\n"
    "\trmmod [options] modulename...\n"
    "Options:\n"
    "\t-f, --force     remove even what is in use or cannot be removed; the kernel must allow it. DANGEROUS\n"
    "\t-s, --syslog    send messages to the system log, not to standard error\n"
    "\t-v, --verbose   say more\n"
    "\t-V, --version   print the version\n"
    "\t-h, --help      print this help\n";

// Whether the module can be removed as far as the kernel's files tell; says why not.
bool removable(const std::string& name, const ModuleDirectory& directory)
{
    const auto state = init_state(name);
    if (directory.is_builtin(name)) {
        message(Severity::error, "Module %s is builtin.", name.c_str());
        return false;
    }
    if (!sees_loaded_modules())
        return false;
    if (!state) {
        message(Severity::error, "Module %s is not currently loaded", name.c_str());
        return false;
    }
    const auto users = holders(name);
    if (!users.empty()) {
        message(Severity::error, "Module %s is in use by: %s", name.c_str(), joined(users, " ").c_str());
        return false;
    }
    const auto references = reference_count(name);
    if (!references) {
        if (references.error() == Errno::noent)
            message(Severity::error, "Module unloading is not supported");
        return false;
    }
    if (*references > 0) {
        const auto what = uses(name);
        message(Severity::error, "Module %s is in use%s%s", name.c_str(), what.empty() ? "" : ": ", joined(what, "; ").c_str());
        return false;
    }
    return true;
}

bool remove(const std::string& argument, Force force, const ModuleDirectory& directory)
{
    // The file may be given in place of the name.
    struct stat status {};
    const bool is_file = stat(absolute_path(argument).c_str(), &status) == 0;
    const std::string name = module_name_from_path(argument);
    if (!is_file && argument.find('/') != std::string::npos) {
        message(Severity::error, "could not find file %s: %m; without its file a module is removed by its name, as in 'rmmod %s'",
                argument.c_str(), name.c_str());
        return false;
    }
    if (force == Force::no && !removable(name, directory))
        return false;
    const auto result = delete_module(name, force);
    if (!result)
        message(Severity::error, "could not remove module %s: %s", argument.c_str(), error_text(result.error()));
    return result.has_value();
}

}  // namespace

int tenon::tools::rmmod_main(int argc, char** argv)
{
    auto force = Force::no;
    for (int key; (key = getopt_long(argc, argv, short_options, long_options, nullptr)) != -1;) {
        switch (key) {
        case 'f': force = Force::yes; break;
        default:
            if (const auto status = common_option(key, help_text))
                return *status;
        }
    }
    if (optind >= argc) {
        message(Severity::error, "missing module name.");
        return 1;
    }
    const ModuleDirectory directory("", kernel_release());
    int status = 0;
    for (int index = optind; index < argc; ++index)
        if (!remove(argv[index], force, directory))
            status = 1;
    return finish(status);
}
