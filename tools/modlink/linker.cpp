#include "tools/modlink/linker.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "kernel/lib/bits.h"
#include "tools/lib/file.h"
#include "tools/lib/messages.h"
#include "tools/modlink/image_file.h"
#include "tools/modlink/load_rules.h"

namespace tenon::tools {
namespace {

using ::modlink::Output;

constexpr u64 page = 4096;
constexpr int not_prepared = 2;

// The linker ends a line about a relocation with its symbol in parentheses.
bool is_about_any_of(const std::string& line, const std::vector<std::string>& symbols)
{
    return std::any_of(symbols.begin(), symbols.end(), [&](const std::string& symbol) { return line.ends_with("(" + symbol + ")"); });
}

}  // namespace

Linker::Linker(const ModlinkRequest& request) : request_(request), report_(request.format, symbols_)
{
    options_.far = request.calls == Calls::far;
    options_.avoid_erratum_843419 = request.erratum == Erratum::avoid;
    options_.resolve = [this](std::string_view name) -> std::optional<std::uint64_t> {
        const OfferedSymbol* const symbol = symbols_.find(name);
        return symbol != nullptr ? std::optional(symbol->address) : std::nullopt;
    };
}

int Linker::run()
{
    if (!prepare())
        return not_prepared;
    report_.begin();
    bool good = true;
    for (const std::string& file : request_.files)
        good = perform(file) && good;
    report_.end();
    return good ? 0 : 1;
}

bool Linker::prepare()
{
    constexpr u64 distance = u64{1} << 20;
    if (!request_.kernel.empty()) {
        if (const auto read = symbols_.read_kernel(request_.kernel); !read) {
            const char* const reason = read.error() == Errno::noexec
                                           ? "no symbols found: neither a linked ELF file nor a System.map nor a Module.symvers"
                                           : error_text(read.error());
            message(Severity::error, "%s: %s", request_.kernel.c_str(), reason);
            return false;
        }
        options_.machine = symbols_.machine();
        options_.base = align_up(symbols_.end() + distance, page);
    }
    options_.base = request_.address.value_or(options_.base);
    return std::all_of(request_.with.begin(), request_.with.end(), [this](const std::string& file) { return load(file); });
}

bool Linker::perform(const std::string& path)
{
    const auto bytes = open(path);
    if (!bytes)
        return report_.failed(path, bytes.error());
    switch (request_.command) {
    case ModlinkCommand::check: return check(path, *bytes);
    case ModlinkCommand::layout: return layout(path, *bytes);
    case ModlinkCommand::link: return link(path, *bytes);
    }
    return false;
}

Result<std::span<const std::byte>> Linker::open(const std::string& path)
{
    TRY(file_.open(path));
    return file_.image();
}

// Takes a module's exports into the symbols, as if it were loaded; the next one stands behind it.
bool Linker::load(const std::string& path)
{
    const auto bytes = open(path);
    if (!bytes) {
        message(Severity::error, "%s: %s", path.c_str(), error_text(bytes.error()));
        return false;
    }
    const Output output = link_whole(*bytes);
    if (!output.ok()) {
        for (const std::string& line : Report::reasons(output))
            message(Severity::error, "%s: %s", path.c_str(), line.c_str());
        return false;
    }
    const auto view = elf::MetadataView::parse(*bytes);
    view->for_each_export([&](const elf::MetadataView::Version& exported) {
        for (const ::modlink::Symbol& symbol : output.symbols)
            if (symbol.name == exported.name && !symbol.undefined)
                symbols_.add(symbol.name, {.address = symbol.address,
                                           .provider = name_of_module(*view, path),
                                           .is_gpl_only = false,
                                           .version = exported.crc != 0 ? std::optional(exported.crc) : std::nullopt});
    });
    for (const ::modlink::Region& region : output.regions)
        options_.base = std::max(options_.base, align_up(region.address + region.size, page));
    if (!options_.machine)
        options_.machine = output.machine;
    return true;
}

// Links and gathers everything that is wrong.
Output Linker::link_whole(std::span<const std::byte> object)
{
    ::modlink::Options options = options_;
    options.report_all = true;
    Output output = ::modlink::link(object, options);
    if (!output.unresolved.empty()) {
        // The relocations are worth a look all the same, but for those that refer to what is missing.
        options.resolve = [&](std::string_view name) { return options_.resolve(name).value_or(options.base); };
        output.problems = ::modlink::link(object, options).problems;
        std::erase_if(output.problems, [&](const std::string& line) { return is_about_any_of(line, output.unresolved); });
    }
    if (const auto view = elf::MetadataView::parse(object); view && !output.sections.empty())
        apply_load_rules(*view, symbols_, output);
    return output;
}

bool Linker::check(const std::string& path, std::span<const std::byte> object)
{
    const Output output = link_whole(object);
    report_.check(path, output);
    return output.ok();
}

bool Linker::layout(const std::string& path, std::span<const std::byte> object)
{
    const Output output = ::modlink::layout(object, options_);
    report_.layout(path, output);
    return output.ok();
}

bool Linker::link(const std::string& path, std::span<const std::byte> object)
{
    const Output output = ::modlink::link(object, options_);
    if (output.ok())
        if (const auto written = write_image(output); !written)
            return report_.failed(request_.image, written.error());
    report_.link(path, output, request_.image);
    return output.ok();
}

// The regions in the order of their addresses, gaps filled with zeros.
Result<> Linker::write_image(const Output& output) const
{
    std::vector<std::byte> image;
    for (const ::modlink::Region& region : output.regions) {
        const usize start = static_cast<usize>(region.address - output.regions[0].address);
        image.resize(std::max(image.size(), start + region.bytes.size()));
        std::copy(region.bytes.begin(), region.bytes.end(), image.begin() + static_cast<isize>(start));
    }
    return replace_file(request_.image, std::string_view(reinterpret_cast<const char*>(image.data()), image.size()));
}

}  // namespace tenon::tools
