#include "tools/modlink/arguments.h"

#include <getopt.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tools/lib/messages.h"
#include "tools/lib/options.h"
#include "tools/lib/words.h"

namespace tenon::tools {
namespace {

constexpr const char* help_text =
    "Usage:\n"
    "\tmodlink check [options] module...    says whether each module would load, and why not\n"
    "\tmodlink layout [options] module...   shows regions, sections, veneers and GOT entries\n"
    "\tmodlink link [options] --at ADDRESS -o IMAGE module\n"
    "\t                                     links for an address and writes the memory image\n"
    "Options:\n"
    "\t-k, --kernel=FILE     symbols of the kernel: an ELF file, a System.map or a Module.symvers\n"
    "\t-w, --with=MODULE     a module that is loaded already (repeatable, in the order of loading)\n"
    "\t-a, --at=ADDRESS      where the first region stands; the others follow, page by page\n"
    "\t-o, --output=FILE     the image: the regions from the first to the last\n"
    "\t    --far             reserve veneers, so that calls reach any address\n"
    "\t    --erratum-843419  keep ADRP away from the offsets of Cortex-A53 erratum 843419\n"
    "\t    --json            print JSON\n"
    "\t-V, --version         print the version\n"
    "\t-h, --help            print this help\n"
    "Exit status: 0 when every module would load, 1 when one would not, 2 for a wrong command line and when the kernel's\n"
    "symbols or a module of --with cannot be had.\n";

constexpr int option_far = 256;
constexpr int option_erratum = 257;
constexpr int option_json = 258;

const option long_options[] = {
    {"kernel", required_argument, nullptr, 'k'},
    {"with", required_argument, nullptr, 'w'},
    {"at", required_argument, nullptr, 'a'},
    {"output", required_argument, nullptr, 'o'},
    {"far", no_argument, nullptr, option_far},
    {"erratum-843419", no_argument, nullptr, option_erratum},
    {"json", no_argument, nullptr, option_json},
    {"version", no_argument, nullptr, 'V'},
    {"help", no_argument, nullptr, 'h'},
    {},
};

[[noreturn]] void refuse(const std::string& why)
{
    message(Severity::error, "%s; see modlink --help", why.c_str());
    std::exit(2);
}

[[noreturn]] void leave()
{
    std::exit(finish(0));
}

u64 parse_address(std::string_view text)
{
    constexpr u64 page = 4096;
    const bool is_hexadecimal = text.starts_with("0x");
    const auto value = parse_number<u64>(text.substr(is_hexadecimal ? 2 : 0), is_hexadecimal ? 16 : 10);
    if (!value)
        refuse("'" + std::string(text) + "' is no address");
    if (*value % page != 0)
        refuse("the address " + std::string(text) + " is no multiple of 4096");
    return *value;
}

ModlinkCommand parse_command(std::string_view word)
{
    if (word == "check")
        return ModlinkCommand::check;
    if (word == "layout")
        return ModlinkCommand::layout;
    if (word == "link")
        return ModlinkCommand::link;
    refuse("there is no command '" + std::string(word) + "'");
}

void check_request(const ModlinkRequest& request)
{
    if (request.files.empty())
        refuse("a module is missing");
    if (request.command != ModlinkCommand::link && !request.image.empty())
        refuse("only link writes an image");
    if (request.command == ModlinkCommand::link && (request.image.empty() || !request.address || request.files.size() != 1))
        refuse("link needs --at, -o and one module");
}

}  // namespace

ModlinkRequest parse_modlink_arguments(int count, char** arguments)
{
    ModlinkRequest request;
    for (int key; (key = getopt_long(count, arguments, "k:w:a:o:Vh", long_options, nullptr)) != -1;) {
        switch (key) {
        case 'k': request.kernel = optarg; break;
        case 'w': request.with.emplace_back(optarg); break;
        case 'a': request.address = parse_address(optarg); break;
        case 'o': request.image = optarg; break;
        case option_far: request.calls = Calls::far; break;
        case option_erratum: request.erratum = Erratum::avoid; break;
        case option_json: request.format = Format::json; break;
        case 'V': print_version(); leave();
        case 'h': std::fputs(help_text, stdout); leave();
        default: std::exit(2);
        }
    }
    if (optind >= count)
        refuse("a command is missing");
    request.command = parse_command(arguments[optind++]);
    request.files.assign(arguments + optind, arguments + count);
    check_request(request);
    return request;
}

}  // namespace tenon::tools
