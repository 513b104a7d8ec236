// kmod: all commands in one program. It is the command that it is called as, by a link of that name, or that its first word says.

#include <array>
#include <cerrno>
#include <cstdio>
#include <getopt.h>
#include <string_view>

#include "tools/lib/commands.h"
#include "tools/lib/messages.h"
#include "tools/lib/options.h"

using namespace tenon;
using namespace tenon::tools;

namespace {

constexpr const char* short_options = "+hV";
const option long_options[] = {
    {"help", no_argument, nullptr, 'h'},
    {"version", no_argument, nullptr, 'V'},
    {},
};

int show_help(int argc, char** argv);

struct Command {
    std::string_view name;
    int (*run)(int argc, char** argv);
    const char* purpose;
    bool also_by_link;
};

constexpr std::array<Command, 9> commands = {{
    {"help", show_help, "print this help", false},
    {"list", lsmod_main, "list the modules in the kernel", false},
    {"static-nodes", static_nodes_main, "print the device nodes that load a module when they are opened", false},
    {"depmod", depmod_main, "write the indexes of a folder of modules", true},
    {"insmod", insmod_main, "hand one module file to the kernel", true},
    {"lsmod", lsmod_main, "list the modules in the kernel", true},
    {"modinfo", modinfo_main, "print what module files say about themselves", true},
    {"modprobe", modprobe_main, "add and remove modules with all that they depend on", true},
    {"rmmod", rmmod_main, "take modules out of the kernel", true},
}};

int show_help(int /*argc*/, char** /*argv*/)
{
    std::puts("Usage:\n"
              "\tkmod [options] command [arguments]\n"
              "Options:\n"
              "\t-V, --version  print the version\n"
              "\t-h, --help     print this help\n"
              "Commands:");
    for (const Command& command : commands)
        std::printf("\t%-13s  %s\n", command.name.data(), command.purpose);
    std::puts("Called by a link with the name of one of the last six, it is that command.");
    return finish(0);
}

std::string_view file_name(std::string_view path)
{
    return path.substr(path.rfind('/') + 1);
}

// Null when there is none of this name.
const Command* find_command(std::string_view name)
{
    for (const Command& command : commands)
        if (command.name == name)
            return &command;
    return nullptr;
}

int refuse(const char* reason, const char* word)
{
    std::fprintf(stderr, reason, word);
    show_help(0, nullptr);
    return 1;
}

// The command named by the first word behind the options, which for it is what a program's own name is.
int run_named(int argc, char** argv)
{
    for (int key; (key = getopt_long(argc, argv, short_options, long_options, nullptr)) != -1;) {
        switch (key) {
        case 'h': return show_help(argc, argv);
        case 'V': print_kmod_version(); return finish(0);
        default: return 1;
        }
    }
    if (optind >= argc)
        return refuse("missing command%s\n", "");
    const Command* command = find_command(argv[optind]);
    if (command == nullptr)
        return refuse("invalid command '%s'\n", argv[optind]);
    argc -= optind;
    argv += optind;
    if (command->also_by_link)
        program_invocation_short_name = argv[0];
    optind = 0;  // getopt starts afresh, its own state included
    return command->run(argc, argv);
}

}  // namespace

int main(int argc, char** argv)
{
    const Command* command = argc > 0 ? find_command(file_name(argv[0])) : nullptr;
    return command != nullptr && command->also_by_link ? command->run(argc, argv) : run_named(argc, argv);
}
