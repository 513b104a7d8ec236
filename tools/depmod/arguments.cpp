#include <cstdio>
#include <cstring>
#include <getopt.h>

#include "tools/depmod/depmod.h"
#include "tools/lib/commands.h"
#include "tools/lib/file.h"
#include "tools/lib/messages.h"
#include "tools/lib/options.h"
#include "tools/lib/syscalls.h"

namespace tenon::tools::depmod {

namespace {

constexpr int option_json = 256;

constexpr const char* short_options = "aAb:m:o:C:E:F:euqrvnP:wVh";
const option long_options[] = {
    {"all", no_argument, nullptr, 'a'},
    {"quick", no_argument, nullptr, 'A'},
    {"basedir", required_argument, nullptr, 'b'},
    {"moduledir", required_argument, nullptr, 'm'},
    {"outdir", required_argument, nullptr, 'o'},
    {"config", required_argument, nullptr, 'C'},
    {"symvers", required_argument, nullptr, 'E'},
    {"filesyms", required_argument, nullptr, 'F'},
    {"errsyms", no_argument, nullptr, 'e'},
    {"unresolved-error", no_argument, nullptr, 'u'},
    {"quiet", no_argument, nullptr, 'q'},
    {"root", no_argument, nullptr, 'r'},
    {"verbose", no_argument, nullptr, 'v'},
    {"show", no_argument, nullptr, 'n'},
    {"dry-run", no_argument, nullptr, 'n'},
    {"symbol-prefix", required_argument, nullptr, 'P'},
    {"warn", no_argument, nullptr, 'w'},
    {"json", no_argument, nullptr, option_json},
    {"version", no_argument, nullptr, 'V'},
    {"help", no_argument, nullptr, 'h'},
    {},
};

constexpr const char* help_text =
    "Usage:\n"
    "\tdepmod -[aA] [options] [release]\n"
    "\tdepmod [options] [release] file...\n"
    "Without files, all modules of the release are read (-a).\n"
    "Options:\n"
    "\t-a, --all                 read all modules\n"
    "\t-A, --quick               only when something is newer than modules.dep\n"
    "\t-e, --errsyms             report symbols that nobody provides; needs -E or -F\n"
    "\t-n, --show                print what would be written\n"
    "\t-P, --symbol-prefix=CHAR  take this character off symbol names\n"
    "\t-C, --config=PATH         read this file or folder instead of depmod.d\n"
    "\t-v, --verbose             say more; print why each module is needed\n"
    "\t-w, --warn                warn about duplicates\n"
    "\t    --json                print a summary as JSON\n"
    "\t-V, --version             print the version\n"
    "\t-h, --help                print this help\n"
    "For distributors:\n"
    "\t-b, --basedir=DIR         work on a module tree below DIR\n"
    "\t-m, --moduledir=DIR       the folder of the releases in place of /lib/modules\n"
    "\t-o, --outdir=DIR          write below DIR instead of the base folder\n"
    "\t-F, --filesyms=FILE       take the kernel's symbols from a System.map\n"
    "\t-E, --symvers=FILE        compare symbol versions with a Module.symvers\n";

// `name` is that of a long option, else null.
std::optional<int> apply(Request& request, int key, const char* name, const char* value)
{
    switch (key) {
    case 'a': request.all = true; break;
    case 'A': request.only_if_newer = true; break;
    case 'b': request.root = absolute_path(value); break;
    case 'm': request.module_folder = value[0] == '/' ? value : std::string("/") + value; break;
    case 'o': request.output_root = absolute_path(value); break;
    case 'C': request.config_paths.emplace_back(value); break;
    case 'E': request.symbol_versions = value; break;
    case 'F': request.system_map = value; break;
    case 'e': request.report_unknown = true; break;
    case 'n': request.to_stdout = true; break;
    case 'P':
        if (std::strlen(value) != 1) {
            message(Severity::fatal, "-P only takes a single char");
            return 1;
        }
        request.symbol_prefix = value[0];
        break;
    case 'w': request.warn_duplicates = true; break;
    case option_json: request.json = true; break;
    case 'u':
    case 'q':
    case 'r':
        if (name != nullptr)
            message(Severity::warning, "Ignored deprecated option --%s", name);
        else
            message(Severity::warning, "Ignored deprecated option -%c", key);
        break;
    default: return common_option(key, help_text);
    }
    return std::nullopt;
}

}  // namespace

std::optional<int> parse_arguments(Request& request, int argc, char** argv)
{
    for (int key, number = -1; (key = getopt_long(argc, argv, short_options, long_options, &number)) != -1; number = -1) {
        const char* name = number < 0 ? nullptr : long_options[number].name;
        if (const auto status = apply(request, key, name, optarg))
            return status;
    }
    if (optind == argc) {
        request.release = kernel_release();
    } else {
        request.release = argv[optind++];
        unsigned major;
        unsigned minor;
        if (std::sscanf(request.release.c_str(), "%u.%u", &major, &minor) != 2) {
            message(Severity::error, "Bad version passed %s", request.release.c_str());
            return 1;
        }
    }
    request.files.assign(argv + optind, argv + argc);
    request.all = request.all || request.files.empty();
    return std::nullopt;
}

}  // namespace tenon::tools::depmod

int tenon::tools::depmod_main(int argc, char** argv)
{
    using namespace depmod;
    Request request;
    if (const auto status = parse_arguments(request, argc, argv))
        return *status;
    return finish(run(request) ? 0 : 1);
}
