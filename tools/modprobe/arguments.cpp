#include "tools/modprobe/arguments.h"

#include <cstdio>
#include <cstdlib>
#include <getopt.h>

#include "tools/lib/options.h"

namespace tenon::tools::modprobe {

namespace {

enum LongOption : int {
    force_vermagic = 256,
    force_modversion,
    first_time,
    dump_modversions,
    remove_holders,
    dump_exports,
    json,
    why,
};

constexpr const char* short_options = "arw:RibfDcnC:d:S:sqvVh";
const option long_options[] = {
    {"all", no_argument, nullptr, 'a'},
    {"remove", no_argument, nullptr, 'r'},
    {"remove-dependencies", no_argument, nullptr, remove_holders},
    {"remove-holders", no_argument, nullptr, remove_holders},
    {"wait", required_argument, nullptr, 'w'},
    {"resolve-alias", no_argument, nullptr, 'R'},
    {"show-alias", no_argument, nullptr, 'R'},
    {"first-time", no_argument, nullptr, first_time},
    {"ignore-install", no_argument, nullptr, 'i'},
    {"ignore-remove", no_argument, nullptr, 'i'},
    {"use-blacklist", no_argument, nullptr, 'b'},
    {"force", no_argument, nullptr, 'f'},
    {"force-modversion", no_argument, nullptr, force_modversion},
    {"force-vermagic", no_argument, nullptr, force_vermagic},
    {"show-depends", no_argument, nullptr, 'D'},
    {"showconfig", no_argument, nullptr, 'c'},
    {"show-config", no_argument, nullptr, 'c'},
    {"show-modversions", no_argument, nullptr, dump_modversions},
    {"dump-modversions", no_argument, nullptr, dump_modversions},
    {"show-exports", no_argument, nullptr, dump_exports},
    {"dry-run", no_argument, nullptr, 'n'},
    {"show", no_argument, nullptr, 'n'},
    {"config", required_argument, nullptr, 'C'},
    {"dirname", required_argument, nullptr, 'd'},
    {"set-version", required_argument, nullptr, 'S'},
    {"syslog", no_argument, nullptr, 's'},
    {"quiet", no_argument, nullptr, 'q'},
    {"verbose", no_argument, nullptr, 'v'},
    {"version", no_argument, nullptr, 'V'},
    {"help", no_argument, nullptr, 'h'},
    {"json", no_argument, nullptr, json},
    {"why", no_argument, nullptr, why},
    {},
};

constexpr const char* help_text =
    "Usage:\n"
    "\tmodprobe [options] [-i] [-b] modulename|file [parameter=value...]\n"
    "\tmodprobe [options] -a [-i] [-b] modulename...\n"
    "\tmodprobe [options] -r [-i] modulename...\n"
    "\tmodprobe [options] -c\n"
    "\tmodprobe [options] --why modulename...\n"
    "Adding and removing:\n"
    "\t-a, --all                 take every argument as a module to add\n"
    "\t-r, --remove              remove modules\n"
    "\t    --remove-holders      with -r: remove the modules that use it too\n"
    "\t-w, --wait=MSEC           with -r: wait up to MSEC milliseconds until it is unused\n"
    "\t    --first-time          fail when there is nothing to do\n"
    "\t-i, --ignore-install      do not run its install or remove command\n"
    "\t-b, --use-blacklist       apply the blacklist to names, not only to aliases\n"
    "\t-f, --force               --force-modversion and --force-vermagic\n"
    "\t    --force-modversion    do not compare symbol versions\n"
    "\t    --force-vermagic      do not compare the version magic\n"
    "Asking:\n"
    "\t-R, --show-alias          print the modules that a name stands for\n"
    "\t-D, --show-depends        print what would be loaded, in order\n"
    "\t-c, --show-config         print configuration and indexes\n"
    "\t    --show-modversions    print the symbol versions that a module file needs\n"
    "\t    --show-exports        print the symbols that a module file exports\n"
    "\t    --why                 explain how a name is resolved\n"
    "\t    --json                with -D or -c: print JSON\n"
    "General:\n"
    "\t-n, --dry-run             do everything but act\n"
    "\t-C, --config=FILE         read this file or folder instead of modprobe.d\n"
    "\t-d, --dirname=DIR         look for lib/modules below DIR\n"
    "\t-S, --set-version=VERSION for this kernel release instead of the running one\n"
    "\t-s, --syslog              send messages to the system log, not to standard error\n"
    "\t-q, --quiet               say nothing\n"
    "\t-v, --verbose             say more\n"
    "\t-V, --version             print the version\n"
    "\t-h, --help                print this help\n";

void pass_down(const std::string& option)
{
    const char* old = std::getenv("MODPROBE_OPTIONS");
    setenv("MODPROBE_OPTIONS", old == nullptr ? option.c_str() : (std::string(old) + " " + option).c_str(), 1);
}

std::optional<int> parse_wait(Request& request, const char* text)
{
    char* end = nullptr;
    request.wait_milliseconds = std::strtoul(text, &end, 0);
    if (*text != '\0' && *end == '\0')
        return std::nullopt;
    message(Severity::error, "unexpected wait value '%s'.", text);
    return 1;
}

std::optional<int> apply(Request& request, int key, const char* value)
{
    switch (key) {
    case 'a': request.all = true; break;
    case 'r': request.mode = Mode::remove; break;
    case remove_holders: request.remove_holders = true; break;
    case 'w': return parse_wait(request, value);
    case first_time: request.first_time = request.probe.fail_on_loaded = true; break;
    case 'i': request.probe.ignore_command = true; break;
    case 'b': request.probe.apply_blacklist = true; break;
    case 'f': request.probe.force = {true, true}; break;
    case force_modversion: request.probe.force.modversion = true; break;
    case force_vermagic: request.probe.force.vermagic = true; break;
    case 'R': request.lookup_only = true; break;
    case 'D': request.show = request.probe.dry_run = request.probe.ignore_loaded = true; break;
    case 'c': request.mode = Mode::show_config; break;
    case dump_modversions: request.mode = Mode::show_modversions; break;
    case dump_exports: request.mode = Mode::show_exports; break;
    case why: request.mode = Mode::why; break;
    case json: request.json = true; break;
    case 'n': request.probe.dry_run = true; break;
    case 'C':
        request.config_paths.emplace_back(value);
        pass_down(std::string("-C ") + value);
        break;
    case 'd': request.root = value; break;
    case 'S': request.release = value; break;
    case 'q':
        set_threshold(Severity::emergency);
        pass_down("-q");
        break;
    case 's':
    case 'v': pass_down({'-', static_cast<char>(key)}); [[fallthrough]];
    default: return common_option(key, help_text);
    }
    return std::nullopt;
}

}  // namespace

std::vector<std::string> split_quoted(std::string_view text)
{
    std::vector<std::string> words;
    std::string word;
    bool inside = false;
    char quote = '\0';
    for (const char character : text) {
        if (quote == '\0' && character == ' ') {
            if (inside)
                words.push_back(std::exchange(word, {}));
            inside = false;
            continue;
        }
        inside = true;
        if (quote == '\0' && (character == '"' || character == '\''))
            quote = character;
        else if (quote == character && quote != '\0')
            quote = '\0';
        else
            word.push_back(character);
    }
    if (inside)
        words.push_back(word);
    return words;
}

std::optional<int> parse_arguments(Request& request, int argc, char** argv)
{
    const char* environment = std::getenv("MODPROBE_OPTIONS");
    std::vector<std::string> extra = split_quoted(environment == nullptr ? "" : environment);
    std::vector<char*> words{argv[0]};
    for (std::string& word : extra)
        words.push_back(word.data());
    words.insert(words.end(), argv + 1, argv + argc);
    const int count = static_cast<int>(words.size());
    words.push_back(nullptr);

    for (int key; (key = getopt_long(count, words.data(), short_options, long_options, nullptr)) != -1;) {
        if (const auto status = apply(request, key, optarg))
            return status;
    }
    for (int index = optind; index < count; ++index)
        request.arguments.emplace_back(words[static_cast<std::size_t>(index)]);
    return std::nullopt;
}

}  // namespace tenon::tools::modprobe
