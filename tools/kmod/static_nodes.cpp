// kmod static-nodes: prints modules.devname, from which device nodes are made whose first opening loads a module.

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <getopt.h>
#include <string>
#include <sys/stat.h>
#include <vector>

#include "kernel/lib/types.h"
#include "tools/lib/commands.h"
#include "tools/lib/file.h"
#include "tools/lib/messages.h"
#include "tools/lib/options.h"
#include "tools/lib/syscalls.h"
#include "tools/lib/words.h"

using namespace tenon;
using namespace tenon::tools;

namespace {

constexpr const char* node_short_options = "o:f:h";
const option node_long_options[] = {
    {"output", required_argument, nullptr, 'o'},
    {"format", required_argument, nullptr, 'f'},
    {"help", no_argument, nullptr, 'h'},
    {},
};

constexpr const char* help_text =
    "Usage:\n"
    "\tkmod static-nodes [options]\n"
    "Options:\n"
    "\t-f, --format=FORMAT  how to print them: human (the default), tmpfiles for tmpfiles.d(5), or devname\n"
    "\t-o, --output=FILE    write to FILE, whose folder is made when it is missing\n"
    "\t-h, --help           print this help\n";

struct StaticNode {
    std::string module;
    std::string device;  // below /dev
    char type;           // `c` or `b`
    u32 major;
    u32 minor;
};

using Format = std::string (*)(const StaticNode& node);

std::string for_people(const StaticNode& node)
{
    return print("Module: %s\n\tDevice node: /dev/%s\n\t\tType: %s device\n\t\tMajor: %u\n\t\tMinor: %u\n", node.module.c_str(),
                 node.device.c_str(), node.type == 'c' ? "character" : "block", node.major, node.minor);
}

// A line for the node, made once at boot, and before it one for the folder that it is in.
std::string for_tmpfiles(const StaticNode& node)
{
    std::string text;
    if (const auto slash = node.device.rfind('/'); slash != std::string::npos)
        text = "d /dev/" + node.device.substr(0, slash) + " 0755 - - -\n";
    return text + print("%c! /dev/%s 0600 - - - %u:%u\n", node.type, node.device.c_str(), node.major, node.minor);
}

std::string as_in_devname(const StaticNode& node)
{
    return print("%s %s %c%u:%u\n", node.module.c_str(), node.device.c_str(), node.type, node.major, node.minor);
}

Format format_named(std::string_view name)
{
    struct Named {
        std::string_view name;
        Format format;
    };
    static constexpr std::array<Named, 3> formats = {
        {{"human", for_people}, {"tmpfiles", for_tmpfiles}, {"devname", as_in_devname}}};
    for (const Named& named : formats)
        if (named.name == name)
            return named.format;
    return nullptr;
}

// `module device c10:235`; what follows is passed over.
std::optional<StaticNode> parse_node(std::string_view line)
{
    const auto words = split(line, " \t");
    if (words.size() < 3 || (words[2].front() != 'c' && words[2].front() != 'b'))
        return std::nullopt;
    const std::string_view numbers = words[2].substr(1);
    const auto colon = numbers.find(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    const auto major = parse_number<u32>(numbers.substr(0, colon));
    const auto minor = parse_number<u32>(numbers.substr(colon + 1));
    if (!major || !minor)
        return std::nullopt;
    return StaticNode{std::string(words[0]), std::string(words[1]), words[2].front(), *major, *minor};
}

// All lines in the format; `sound` tells whether each of them could be read. Those that could not are reported.
std::string formatted(std::string_view devname, Format format, bool& sound)
{
    std::string text;
    while (!devname.empty()) {
        const std::string_view line = devname.substr(0, devname.find('\n'));
        devname.remove_prefix(line.size() < devname.size() ? line.size() + 1 : line.size());
        if (line.starts_with('#'))
            continue;
        if (const auto node = parse_node(line)) {
            text += format(*node);
        } else {
            message(Severity::error, "invalid devname entry: %.*s", TENON_TEXT(line));
            sound = false;
        }
    }
    return text;
}

Result<> make_folders(const std::string& path)
{
    for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
        if (mkdir(path.substr(0, slash).c_str(), 0755) != 0 && errno != EEXIST)
            return last_error();
    return {};
}

bool write_to_file(const std::string& path, const std::string& text)
{
    const auto write = [&]() -> Result<> {
        TRY(make_folders(path));
        const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (descriptor < 0)
            return last_error();
        FileDescriptor file(descriptor);
        TRY(write_all(file.get(), text));
        return file.close();
    };
    const auto written = write();
    if (!written)
        message(Severity::error, "could not write %s: %s", path.c_str(), error_text(written.error()));
    return written.has_value();
}

int print_nodes(Format format, const std::string& output)
{
    const std::string path = "/lib/modules/" + kernel_release() + "/modules.devname";
    const auto devname = read_text_file(path);
    if (!devname && devname.error() == Errno::noent) {
        message(Severity::warning, "%s not found: no nodes", path.c_str());
        return 0;
    }
    if (!devname) {
        message(Severity::error, "could not read %s: %s", path.c_str(), error_text(devname.error()));
        return 1;
    }
    bool sound = true;
    const std::string text = formatted(*devname, format, sound);
    if (output.empty())
        std::fwrite(text.data(), 1, text.size(), stdout);
    else if (!write_to_file(output, text))
        return 1;
    return finish(sound ? 0 : 1);
}

}  // namespace

int tenon::tools::static_nodes_main(int argc, char** argv)
{
    Format format = for_people;
    std::string output;
    for (int key; (key = getopt_long(argc, argv, node_short_options, node_long_options, nullptr)) != -1;) {
        switch (key) {
        case 'o': output = optarg; break;
        case 'f':
            format = format_named(optarg);
            if (format == nullptr) {
                message(Severity::error, "Unknown format: '%s'.", optarg);
                return 1;
            }
            break;
        default:
            if (const auto status = common_option(key, help_text))
                return *status;
        }
    }
    return print_nodes(format, output);
}
