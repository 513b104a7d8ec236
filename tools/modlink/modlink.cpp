// modlink: links a module as the kernel would, before it is shipped.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <getopt.h>

#include <algorithm>

#include "module/elf/metadata_view.h"
#include "tools/lib/file.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_file.h"
#include "tools/lib/options.h"
#include "tools/modlink/kernel_symbols.h"
#include "tools/modlink/report.h"

using namespace tenon;
using namespace tenon::tools;

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
    "Exit status: 0 when every module would load, 1 when one would not, 2 for a wrong command line.\n";

struct Request {
    std::string command;
    std::string kernel;
    std::vector<std::string> with;
    std::vector<std::string> files;
    std::string image;
    Format format = Format::text;
    modlink::Options options;
    bool has_address = false;
};

constexpr int option_far = 256;
constexpr int option_erratum = 257;
constexpr int option_json = 258;

[[noreturn]] void wrong_usage(const char* why)
{
    std::fprintf(stderr, "modlink: %s\n%s", why, help_text);
    std::exit(2);
}

u64 parse_address(const char* text)
{
    char* end = nullptr;
    errno = 0;
    const u64 value = std::strtoull(text, &end, 0);
    if (errno != 0 || end == text || *end != '\0')
        wrong_usage("the address is no number");
    return value;
}

Request parse(int count, char** arguments)
{
    const option names[] = {{"kernel", required_argument, nullptr, 'k'},
                            {"with", required_argument, nullptr, 'w'},
                            {"at", required_argument, nullptr, 'a'},
                            {"output", required_argument, nullptr, 'o'},
                            {"far", no_argument, nullptr, option_far},
                            {"erratum-843419", no_argument, nullptr, option_erratum},
                            {"json", no_argument, nullptr, option_json},
                            {"version", no_argument, nullptr, 'V'},
                            {"help", no_argument, nullptr, 'h'},
                            {}};
    Request request;
    for (int choice; (choice = getopt_long(count, arguments, "k:w:a:o:Vh", names, nullptr)) != -1;) {
        switch (choice) {
        case 'k': request.kernel = optarg; break;
        case 'w': request.with.emplace_back(optarg); break;
        case 'a':
            request.options.base = parse_address(optarg);
            request.has_address = true;
            break;
        case 'o': request.image = optarg; break;
        case option_far: request.options.far = true; break;
        case option_erratum: request.options.avoid_erratum_843419 = true; break;
        case option_json: request.format = Format::json; break;
        case 'V': print_version(); std::exit(0);
        case 'h': std::fputs(help_text, stdout); std::exit(0);
        default: std::exit(2);
        }
    }
    if (optind >= count)
        wrong_usage("a command is missing");
    request.command = arguments[optind++];
    request.files.assign(arguments + optind, arguments + count);
    if (request.files.empty())
        wrong_usage("a module is missing");
    return request;
}

class Linker {
public:
    explicit Linker(Request request) : request_(std::move(request))
    {
        request_.options.resolve = [this](std::string_view name) -> std::optional<std::uint64_t> {
            const KernelSymbols::Entry* const entry = symbols_.find(name);
            return entry != nullptr ? std::optional(entry->address) : std::nullopt;
        };
    }

    int run()
    {
        if (!request_.kernel.empty()) {
            const auto read = symbols_.read_kernel(request_.kernel);
            if (!read) {
                message(Severity::error, "%s: no kernel symbols: %s", request_.kernel.c_str(), error_text(read.error()));
                return 1;
            }
        }
        if (!request_.has_address && symbols_.end() != 0)
            request_.options.base = (symbols_.end() + (1 << 20)) & ~u64{0xfff};
        for (const std::string& file : request_.with)
            if (!load(file))
                return 1;
        if (request_.command == "check")
            return for_each(&Linker::check);
        if (request_.command == "layout")
            return for_each(&Linker::layout);
        if (request_.command == "link")
            return link();
        wrong_usage("there is no such command");
    }

private:
    std::optional<std::span<const std::byte>> open(const std::string& path)
    {
        auto file = ModuleFile::open(path);
        if (!file) {
            message(Severity::error, "%s: %s", path.c_str(), error_text(file.error()));
            return std::nullopt;
        }
        file_.emplace(std::move(*file));
        const auto bytes = unpacker_.unpack(file_->bytes());
        if (!bytes) {
            message(Severity::error, "%s: %s", path.c_str(), error_text(bytes.error()));
            return std::nullopt;
        }
        return *bytes;
    }

    // Takes a module's exports into the symbols, as if it were loaded; the next one stands behind it.
    bool load(const std::string& path)
    {
        const auto bytes = open(path);
        if (!bytes)
            return false;
        const modlink::Output output = modlink::link(*bytes, request_.options);
        if (!output.ok()) {
            report_check(path, output, symbols_, request_.format);
            return false;
        }
        const auto view = elf::MetadataView::parse(*bytes);
        const std::string name(view ? view->modinfo().find("name").value_or(path) : path);
        if (view)
            view->for_each_export([&](const elf::MetadataView::Version& exported) {
                for (const modlink::Symbol& symbol : output.symbols)
                    if (symbol.name == exported.name && !symbol.undefined)
                        symbols_.add(symbol.name, symbol.address, name);
            });
        for (const modlink::Region& region : output.regions)
            request_.options.base = std::max(request_.options.base, (region.address + region.size + 0xfff) & ~u64{0xfff});
        return true;
    }

    int for_each(bool (Linker::*command)(const std::string&))
    {
        bool good = true;
        for (const std::string& file : request_.files)
            good = (this->*command)(file) && good;
        return good ? 0 : 1;
    }

    bool check(const std::string& path)
    {
        const auto bytes = open(path);
        if (!bytes)
            return false;
        modlink::Options options = request_.options;
        options.report_all = true;
        modlink::Output output = modlink::link(*bytes, options);
        if (!output.unresolved.empty()) {
            // The relocations are worth a look all the same: missing symbols stand in for themselves behind the module.
            options.resolve = [&](std::string_view name) -> std::optional<std::uint64_t> {
                return request_.options.resolve(name).value_or(options.base);
            };
            output.problems = modlink::link(*bytes, options).problems;
        }
        report_check(path, output, symbols_, request_.format);
        return output.ok();
    }

    bool layout(const std::string& path)
    {
        const auto bytes = open(path);
        if (!bytes)
            return false;
        const modlink::Output output = modlink::layout(*bytes, request_.options);
        report_layout(path, output, request_.format);
        return output.ok();
    }

    int link()
    {
        if (request_.image.empty() || !request_.has_address || request_.files.size() != 1)
            wrong_usage("link needs --at, -o and one module");
        const auto bytes = open(request_.files[0]);
        if (!bytes)
            return 1;
        const modlink::Output output = modlink::link(*bytes, request_.options);
        report_link(request_.files[0], output, request_.image, request_.format);
        if (!output.ok())
            return 1;
        return write_image(output) ? 0 : 1;
    }

    // The regions in the order of their addresses, gaps filled with zeros.
    bool write_image(const modlink::Output& output)
    {
        std::vector<std::byte> image;
        for (const modlink::Region& region : output.regions) {
            const usize start = static_cast<usize>(region.address - output.regions[0].address);
            image.resize(std::max(image.size(), start + region.bytes.size()));
            std::copy(region.bytes.begin(), region.bytes.end(), image.begin() + static_cast<isize>(start));
        }
        std::FILE* const file = std::fopen(request_.image.c_str(), "wb");
        const bool written = file != nullptr && std::fwrite(image.data(), 1, image.size(), file) == image.size();
        const bool closed = file != nullptr && std::fclose(file) == 0;
        if (!written || !closed)
            message(Severity::error, "%s: %s", request_.image.c_str(), std::strerror(errno));
        return written && closed;
    }

    Request request_;
    KernelSymbols symbols_;
    std::optional<ModuleFile> file_;
    Decompressor unpacker_;
};

}  // namespace

int main(int count, char** arguments)
{
    return finish(Linker(parse(count, arguments)).run());
}
