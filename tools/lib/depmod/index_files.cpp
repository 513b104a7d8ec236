#include "tools/lib/depmod/index_files.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <deque>
#include <optional>

#include "tools/lib/depmod/symbol_hash.h"
#include "tools/lib/index_writer.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_name.h"
#include "tools/lib/words.h"

namespace tenon::tools {

namespace {

std::string build(IndexWriter& index, const char* what, const MakeOptions& options)
{
    auto built = index.build();
    if (!built)
        return {};
    std::string binary = *std::move(built);
    for (const std::string_view key : index.left_out())
        message(Severity::warning, "module %s left out of the index, which holds ASCII alone: %.*s", what, TENON_TEXT(key));
    if (!options.warn_duplicates)
        return binary;
    for (const auto& duplicate : index.duplicates())
        message(Severity::warning, "duplicate module %s:\n%.*s %.*s", what, TENON_TEXT(duplicate.key),
                TENON_TEXT(duplicate.value));
    return binary;
}

template <typename... Parts>
void append(std::string& text, const Parts&... parts)
{
    (text.append(parts), ...);
}

// An alias as a key; reported when it has an open bracket. `kept` holds those that had to be changed.
std::optional<std::string_view> alias_key(std::string_view alias, std::deque<std::string>& kept)
{
    if (alias.find_first_of("-[]") == std::string_view::npos)
        return alias;
    auto normalised = normalised_alias(alias);
    if (!normalised) {
        message(Severity::warning, "Unmatched bracket in %.*s", TENON_TEXT(alias));
        return std::nullopt;
    }
    return kept.emplace_back(*std::move(normalised));
}

struct DeviceNumber {
    char type;
    unsigned major;
    unsigned minor;
};

// "char-major-10-229", "block-major-7-0".
std::optional<DeviceNumber> parse_device(std::string_view alias)
{
    DeviceNumber device{};
    for (const std::string_view prefix : {"char-major-", "block-major-"}) {
        if (!alias.starts_with(prefix))
            continue;
        const char* end = alias.data() + alias.size();
        device.type = prefix.front();
        const auto major = std::from_chars(alias.data() + prefix.size(), end, device.major);
        if (major.ec != std::errc() || major.ptr == end || *major.ptr != '-')
            return std::nullopt;
        const auto minor = std::from_chars(major.ptr + 1, end, device.minor);
        return minor.ec == std::errc() ? std::optional(device) : std::nullopt;
    }
    return std::nullopt;
}

std::string listing(std::span<const ModuleRecord> records, std::string_view heading, std::string_view command,
                    std::vector<std::string_view> ModuleRecord::*values)
{
    std::string text(heading);
    for (const ModuleRecord& record : records)
        for (const std::string_view value : record.*values)
            append(text, command, record.name, " ", value, "\n");
    return text;
}

}  // namespace

IndexPair make_dependencies(std::span<const ModuleRecord> records, const MakeOptions& options)
{
    IndexPair result;
    std::vector<std::size_t> ends;
    DependencyClosure closure(records);
    for (u32 number = 0; number < records.size(); ++number) {
        append(result.text, records[number].path, ":");
        for (const u32 dependency : closure.of(number))
            append(result.text, " ", records[dependency].path);
        ends.push_back(result.text.size());
        result.text.push_back('\n');
    }
    if (!options.binary)
        return result;
    IndexWriter index;
    index.reserve(records.size());
    const std::string_view text = result.text;
    for (std::size_t start = 0, number = 0; number < records.size(); ++number) {
        index.add(records[number].name, text.substr(start, ends[number] - start), static_cast<u32>(number));
        start = ends[number] + 1;
    }
    result.binary = build(index, "deps", options);
    return result;
}

IndexPair make_aliases(std::span<const ModuleRecord> records, const MakeOptions& options)
{
    IndexPair result{"# Aliases extracted from modules themselves.\n", {}};
    IndexWriter index;
    std::deque<std::string> kept;
    for (u32 number = 0; number < records.size(); ++number) {
        for (const std::string_view alias : records[number].aliases) {
            append(result.text, "alias ", alias, " ", records[number].name, "\n");
            if (!options.binary)
                continue;
            if (const auto key = alias_key(alias, kept))
                index.add(*key, records[number].name, number);
        }
    }
    if (options.binary)
        result.binary = build(index, "alias", options);
    return result;
}

// The text lists the symbols as kmod's hash table has them: by bucket, inside a bucket by name.
IndexPair make_symbols(std::span<const ModuleRecord> records, const ExportTable& exports, const MakeOptions& options)
{
    constexpr u32 buckets = 2048;
    struct Line {
        u32 bucket;
        const ExportTable::Entry* entry;
    };
    std::vector<Line> lines;
    std::size_t key_size = 0;
    for (const ExportTable::Entry& entry : exports.entries()) {
        if (entry.owner == ExportTable::kernel)
            continue;
        lines.push_back({kmod_symbol_hash(entry.name.text) % buckets, &entry});
        key_size += entry.name.text.size();
    }
    std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
        return a.bucket != b.bucket ? a.bucket < b.bucket : a.entry->name.text < b.entry->name.text;
    });
    IndexPair result{"# Aliases for symbols, used by symbol_request().\n", {}};
    result.text.reserve(key_size + lines.size() * 48);
    std::vector<std::size_t> starts;
    for (const Line& line : lines) {
        result.text += "alias ";
        starts.push_back(result.text.size());
        append(result.text, "symbol:", line.entry->name.text, " ", records[line.entry->owner].name, "\n");
    }
    if (!options.binary)
        return result;
    IndexWriter index;
    index.reserve(lines.size());
    for (std::size_t number = 0; number < lines.size(); ++number) {
        const ExportTable::Entry& entry = *lines[number].entry;
        const std::string_view key =
            std::string_view(result.text).substr(starts[number], entry.name.text.size() + std::string_view("symbol:").size());
        index.add(key, records[entry.owner].name, entry.owner);
    }
    result.binary = build(index, "syms", options);
    return result;
}

std::string make_softdeps(std::span<const ModuleRecord> records)
{
    return listing(records, "# Soft dependencies extracted from modules themselves.\n", "softdep ", &ModuleRecord::softdeps);
}

std::string make_weakdeps(std::span<const ModuleRecord> records)
{
    const auto says_none = [](const ModuleRecord& record) { return record.weakdeps.empty(); };
    if (std::all_of(records.begin(), records.end(), says_none))
        return {};
    return listing(records, "# Weak dependencies extracted from modules themselves.\n", "weakdep ", &ModuleRecord::weakdeps);
}

std::string make_device_names(std::span<const ModuleRecord> records)
{
    std::string text = "# Device nodes to trigger on-demand module loading.\n";
    for (const ModuleRecord& record : records) {
        std::string_view name;
        std::optional<DeviceNumber> number;
        for (const std::string_view alias : record.aliases) {
            if (alias.starts_with("devname:"))
                name = alias.substr(std::string_view("devname:").size());
            else if (const auto parsed = parse_device(alias))
                number = parsed;
            if (!name.empty() && number)
                break;
        }
        if (name.empty())
            continue;
        if (!number)
            message(Severity::error, "Module '%s' has devname (%.*s) but lacks major and minor information. Ignoring.",
                    record.name.c_str(), TENON_TEXT(name));
        else
            text += print("%s %.*s %c%u:%u\n", record.name.c_str(), TENON_TEXT(name), number->type, number->major,
                          number->minor);
    }
    // A file with nothing but its heading is not wanted.
    return text.find('\n') + 1 == text.size() ? std::string() : text;
}

std::string make_builtin(std::string_view builtin_text, const MakeOptions& options)
{
    IndexWriter index;
    std::deque<std::string> names;
    for (const std::string_view line : split(builtin_text, "\n")) {
        if (std::isalpha(static_cast<unsigned char>(line.front())) == 0) {
            message(Severity::error, "Invalid modules.builtin line: %.*s", TENON_TEXT(line));
            continue;
        }
        index.add(names.emplace_back(module_name_from_path(line)), "", 0);
    }
    return build(index, "builtin", options);
}

std::string make_builtin_aliases(std::string_view modinfo_text, const MakeOptions& options)
{
    constexpr std::string_view alias_mark = ".alias=";
    IndexWriter index;
    std::deque<std::string> kept;
    for (const std::string_view line : split(modinfo_text, std::string_view("\0", 1))) {
        const auto dot = line.find('.');
        if (dot == std::string_view::npos || !line.substr(dot).starts_with(alias_mark))
            continue;
        if (const auto key = alias_key(line.substr(dot + alias_mark.size()), kept))
            index.add(*key, line.substr(0, dot), 0);
    }
    return build(index, "alias", options);
}

}  // namespace tenon::tools
