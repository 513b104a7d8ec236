#include "tools/modlink/report.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <set>

#include "tools/lib/failure.h"
#include "tools/lib/file.h"
#include "tools/lib/messages.h"
#include "tools/lib/words.h"

namespace tenon::tools {
namespace {

using ::modlink::Output;
using ::modlink::Region;
using ::modlink::Section;

bool is_init(const Region& region)
{
    return region.kind >= ::modlink::RegionKind::init_text;
}

u64 init_size(const Output& output)
{
    u64 size = 0;
    for (const Region& region : output.regions)
        size += is_init(region) ? region.size : 0;
    return size;
}

u64 total_size(const Output& output)
{
    u64 size = 0;
    for (const Region& region : output.regions)
        size += region.size;
    return size;
}

std::string hexadecimal(u64 value)
{
    return print("0x%" PRIx64, value);
}

const char* error_words(const Output& output)
{
    return load_error_text(static_cast<Errno>(output.error));
}

void print_failure(const std::string& file, const Output& output)
{
    std::printf("%s: would not load: %s\n", file.c_str(), error_words(output));
    for (const std::string& line : Report::reasons(output))
        std::printf("  %s\n", line.c_str());
}

void print_region(const Output& output, const Region& region)
{
    std::printf("%-14s %8" PRIu64 " bytes, alignment %" PRIu64, name_of(region.kind).data(), region.size, region.alignment);
    if (region.veneers != 0)
        std::printf(", veneers reserved: %u", region.veneers);
    if (region.slots != 0)
        std::printf(", GOT entries reserved: %u", region.slots);
    std::printf("\n");
    for (const Section& section : output.sections)
        if (section.region == region.kind && section.size != 0)
            std::printf("  %08" PRIx64 " %8" PRIu64 " %s\n", section.offset, section.size, section.name.c_str());
}

// The modules, apart from the kernel, that the object takes symbols from.
std::set<std::string> providers(const Output& output, const KernelSymbols& symbols)
{
    std::set<std::string> names;
    for (const ::modlink::Symbol& symbol : output.symbols) {
        const OfferedSymbol* const offered = symbol.undefined ? symbols.find(symbol.name) : nullptr;
        if (offered != nullptr && offered->provider != "kernel")
            names.insert(offered->provider);
    }
    return names;
}

}  // namespace

std::vector<std::string> Report::reasons(const Output& output)
{
    std::vector<std::string> lines = output.problems;
    for (const std::string& symbol : output.unresolved)
        lines.push_back("unknown symbol " + symbol);
    return lines;
}

void Report::begin()
{
    if (format_ == Format::json)
        json_.begin_array();
}

void Report::end()
{
    if (format_ != Format::json)
        return;
    json_.end_array();
    json_.finish();
}

// With the members that every report begins with.
void Report::begin_object(const std::string& file, const Output& output)
{
    json_.begin_object();
    json_.member("file", std::string_view(file));
    json_.member("ok", output.ok());
    if (output.machine)
        json_.member("machine", name_of(*output.machine));
    if (!output.ok())
        json_.member("error", error_words(output));
    json_.array("problems", output.problems);
    json_.array("unresolved", output.unresolved);
}

void Report::write_regions(const Output& output)
{
    json_.key("regions");
    json_.begin_array();
    for (const Region& region : output.regions) {
        json_.begin_object();
        json_.member("name", name_of(region.kind));
        json_.member("size", static_cast<i64>(region.size));
        json_.member("alignment", static_cast<i64>(region.alignment));
        json_.member("veneers", static_cast<i64>(region.veneers));
        json_.member("slots", static_cast<i64>(region.slots));
        json_.member("init", is_init(region));
        if (region.address != 0)
            json_.member("address", std::string_view(hexadecimal(region.address)));
        json_.end_object();
    }
    json_.end_array();
}

void Report::write_sections(const Output& output)
{
    json_.key("sections");
    json_.begin_array();
    for (const Section& section : output.sections) {
        if (!section.region || section.size == 0)
            continue;
        json_.begin_object();
        json_.member("name", std::string_view(section.name));
        json_.member("region", name_of(*section.region));
        json_.member("offset", static_cast<i64>(section.offset));
        json_.member("size", static_cast<i64>(section.size));
        json_.end_object();
    }
    json_.end_array();
}

void Report::write_sizes(const Output& output)
{
    json_.member("bytes", static_cast<i64>(total_size(output)));
    json_.member("init_bytes", static_cast<i64>(init_size(output)));
}

void Report::check(const std::string& file, const Output& output)
{
    const std::set<std::string> needed = providers(output, symbols_);
    if (format_ == Format::json) {
        begin_object(file, output);
        json_.array("depends", needed);
        write_sizes(output);
        json_.end_object();
        return;
    }
    if (!output.ok())
        return print_failure(file, output);
    std::printf("%s: would load (%s, %" PRIu64 " bytes, %" PRIu64 " of them given back after init)", file.c_str(),
                name_of(*output.machine).data(), total_size(output), init_size(output));
    if (!needed.empty())
        std::printf("; needs %s", joined(needed, ", ").c_str());
    std::printf("\n");
}

void Report::layout(const std::string& file, const Output& output)
{
    if (format_ == Format::json) {
        begin_object(file, output);
        write_regions(output);
        write_sections(output);
        write_sizes(output);
        json_.end_object();
        return;
    }
    if (!output.ok())
        return print_failure(file, output);
    std::printf("%s: %s\n", file.c_str(), name_of(*output.machine).data());
    for (const Region& region : output.regions)
        print_region(output, region);
    std::printf("%" PRIu64 " bytes, %" PRIu64 " of them given back after init\n", total_size(output), init_size(output));
}

void Report::link(const std::string& file, const Output& output, const std::string& image)
{
    if (format_ == Format::json) {
        begin_object(file, output);
        write_regions(output);
        json_.member("image", std::string_view(image));
        json_.end_object();
        return;
    }
    if (!output.ok())
        return print_failure(file, output);
    for (const Region& region : output.regions)
        std::printf("%s %-14s %" PRIu64 " bytes\n", hexadecimal(region.address).c_str(), name_of(region.kind).data(), region.size);
}

bool Report::failed(const std::string& file, Errno error)
{
    if (format_ == Format::json) {
        json_.begin_object();
        json_.member("file", std::string_view(file));
        json_.member("ok", false);
        json_.member("error", error_text(error));
        json_.end_object();
    } else {
        message(Severity::error, "%s: %s", file.c_str(), error_text(error));
    }
    return false;
}

}  // namespace tenon::tools
