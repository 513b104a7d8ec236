// lsmod: lists the modules in the kernel.

#include <cstdio>
#include <getopt.h>

#include "tools/lib/commands.h"
#include "tools/lib/json.h"
#include "tools/lib/kernel_modules.h"
#include "tools/lib/messages.h"
#include "tools/lib/options.h"
#include "tools/lib/words.h"
#include "tools/lsmod/graph.h"

using namespace tenon;
using namespace tenon::tools;

namespace {

constexpr int option_json = 256;
constexpr int option_graph = 257;
constexpr int option_users = 258;

constexpr const char* short_options = "svVh";
const option long_options[] = {
    {"json", no_argument, nullptr, option_json},
    {"graph", required_argument, nullptr, option_graph},
    {"users", no_argument, nullptr, option_users},
    {"syslog", no_argument, nullptr, 's'},
    {"verbose", no_argument, nullptr, 'v'},
    {"version", no_argument, nullptr, 'V'},
    {"help", no_argument, nullptr, 'h'},
    {},
};

constexpr const char* help_text =
    "Usage:\n"
    "\tlsmod [options]\n"
    "Options:\n"
    "\t-s, --syslog    send messages to the system log, not to standard error\n"
    "\t-v, --verbose   say more\n"
    "\t    --json      print JSON\n"
    "\t    --graph=FILE.dot|FILE.svg  write the graph of who uses whom; `-` is DOT on standard output\n"
    "\t    --users     say below each module what keeps it: modules, mounts, open files\n"
    "\t-V, --version   print the version\n"
    "\t-h, --help      print this help\n";

enum class Users : bool { none, all };

void print_table(const std::vector<LoadedModule>& modules, Users users)
{
    std::puts("Module                  Size  Used by");
    for (const LoadedModule& module : modules) {
        std::printf("%-19s %8ld  %ld", module.name.c_str(), module.size, module.references);
        if (!module.users.empty())
            std::printf(" %s", joined(module.users, ",").c_str());
        std::putchar('\n');
        if (users == Users::all)
            for (const std::string& use : uses(module.name))
                std::printf("  %s\n", use.c_str());
    }
}

void print_json(const std::vector<LoadedModule>& modules, Users users)
{
    JsonWriter json(stdout);
    json.begin_array();
    for (const LoadedModule& module : modules) {
        json.begin_object();
        json.member("name", module.name);
        json.member("size", i64{module.size});
        json.member("references", i64{module.references});
        json.array("users", module.users);
        if (!module.state.empty())
            json.member("state", module.state);
        if (users == Users::all)
            json.array("uses", uses(module.name));
        json.end_object();
    }
    json.end_array();
    json.finish();
}

}  // namespace

int tenon::tools::lsmod_main(int argc, char** argv)
{
    bool json = false;
    Users users = Users::none;
    std::string graph;
    for (int key; (key = getopt_long(argc, argv, short_options, long_options, nullptr)) != -1;) {
        switch (key) {
        case option_json: json = true; break;
        case option_graph: graph = optarg; break;
        case option_users: users = Users::all; break;
        default:
            if (const auto status = common_option(key, help_text))
                return *status;
        }
    }
    if (optind < argc) {
        std::fprintf(stderr, "Usage: %s\n", argv[0]);
        return 1;
    }
    const auto modules = loaded_modules();
    if (!modules)
        return 1;
    if (!graph.empty())
        return finish(write_graph(*modules, graph) ? 0 : 1);
    if (json)
        print_json(*modules, users);
    else
        print_table(*modules, users);
    return finish(0);
}
