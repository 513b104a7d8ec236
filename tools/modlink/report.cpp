#include "tools/modlink/report.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <set>

#include "tools/lib/json.h"
#include "tools/lib/messages.h"

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

// Members that every report begins with.
void write_outcome(JsonWriter& json, const std::string& file, const Output& output)
{
    json.member("file", std::string_view(file));
    json.member("ok", output.ok());
    if (output.machine)
        json.member("machine", name_of(*output.machine));
    if (!output.ok())
        json.member("error", std::string_view(std::strerror(output.error)));
    json.array("problems", output.problems);
    json.array("unresolved", output.unresolved);
}

void write_regions(JsonWriter& json, const Output& output)
{
    json.key("regions");
    json.begin_array();
    for (const Region& region : output.regions) {
        json.begin_object();
        json.member("name", name_of(region.kind));
        json.member("size", static_cast<i64>(region.size));
        json.member("alignment", static_cast<i64>(region.alignment));
        json.member("veneers", static_cast<i64>(region.veneers));
        json.member("slots", static_cast<i64>(region.slots));
        json.member("init", is_init(region));
        if (region.address != 0)
            json.member("address", std::string_view(hexadecimal(region.address)));
        json.end_object();
    }
    json.end_array();
}

void write_sections(JsonWriter& json, const Output& output)
{
    json.key("sections");
    json.begin_array();
    for (const Section& section : output.sections) {
        if (!section.region)
            continue;
        json.begin_object();
        json.member("name", std::string_view(section.name));
        json.member("region", name_of(*section.region));
        json.member("offset", static_cast<i64>(section.offset));
        json.member("size", static_cast<i64>(section.size));
        json.end_object();
    }
    json.end_array();
}

void print_failure(const std::string& file, const Output& output)
{
    std::printf("%s: would not load: %s\n", file.c_str(), std::strerror(output.error));
    for (const std::string& problem : output.problems)
        std::printf("  %s\n", problem.c_str());
    for (const std::string& symbol : output.unresolved)
        std::printf("  unknown symbol %s\n", symbol.c_str());
}

void print_regions(const Output& output)
{
    for (const Region& region : output.regions) {
        std::printf("%-14s %8" PRIu64 " bytes, alignment %" PRIu64, name_of(region.kind).data(), region.size, region.alignment);
        if (region.address != 0)
            std::printf(", at %s", hexadecimal(region.address).c_str());
        if (region.veneers != 0)
            std::printf(", room for %u veneers", region.veneers);
        if (region.slots != 0)
            std::printf(", room for %u GOT entries", region.slots);
        std::printf("\n");
        for (const Section& section : output.sections)
            if (section.region == region.kind)
                std::printf("  %08" PRIx64 " %8" PRIu64 " %s\n", section.offset, section.size, section.name.c_str());
    }
}

// The modules, apart from the kernel, that the object takes symbols from.
std::set<std::string> providers(const Output& output, const KernelSymbols& symbols)
{
    std::set<std::string> names;
    for (const ::modlink::Symbol& symbol : output.symbols) {
        const KernelSymbols::Entry* const entry = symbol.undefined ? symbols.find(symbol.name) : nullptr;
        if (entry != nullptr && entry->provider != "kernel")
            names.insert(entry->provider);
    }
    return names;
}

}  // namespace

void report_check(const std::string& file, const Output& output, const KernelSymbols& symbols, Format format)
{
    const std::set<std::string> needed = providers(output, symbols);
    if (format == Format::json) {
        JsonWriter json(stdout);
        json.begin_object();
        write_outcome(json, file, output);
        json.array("depends", needed);
        json.end_object();
        json.finish();
        return;
    }
    if (!output.ok())
        return print_failure(file, output);
    std::printf("%s: would load (%s, %" PRIu64 " bytes, %" PRIu64 " of them given back after init)", file.c_str(),
                name_of(*output.machine).data(), total_size(output), init_size(output));
    const char* separator = "; needs ";
    for (const std::string& name : needed) {
        std::printf("%s%s", separator, name.c_str());
        separator = ", ";
    }
    std::printf("\n");
}

void report_layout(const std::string& file, const Output& output, Format format)
{
    if (format == Format::json) {
        JsonWriter json(stdout);
        json.begin_object();
        write_outcome(json, file, output);
        write_regions(json, output);
        write_sections(json, output);
        json.member("init_bytes", static_cast<i64>(init_size(output)));
        json.end_object();
        json.finish();
        return;
    }
    if (!output.ok())
        return print_failure(file, output);
    std::printf("%s: %s\n", file.c_str(), name_of(*output.machine).data());
    print_regions(output);
    std::printf("%" PRIu64 " bytes, %" PRIu64 " of them given back after init\n", total_size(output), init_size(output));
}

void report_link(const std::string& file, const Output& output, const std::string& image, Format format)
{
    if (format == Format::json) {
        JsonWriter json(stdout);
        json.begin_object();
        write_outcome(json, file, output);
        write_regions(json, output);
        json.member("image", std::string_view(image));
        json.end_object();
        json.finish();
        return;
    }
    if (!output.ok())
        return print_failure(file, output);
    for (const Region& region : output.regions)
        std::printf("%s %-14s %" PRIu64 " bytes\n", hexadecimal(region.address).c_str(), name_of(region.kind).data(), region.size);
}

}  // namespace tenon::tools
