#include <cinttypes>
#include <cstdio>

#include "module/elf/metadata_view.h"
#include "tools/lib/file.h"
#include "tools/lib/json.h"
#include "tools/lib/module_file.h"
#include "tools/lib/words.h"
#include "tools/modprobe/modprobe.h"

namespace tenon::tools::modprobe {

namespace {

void print_index(const Catalog& catalog, Index which)
{
    const IndexReader* reader = catalog.directory().index(which);
    if (reader == nullptr)
        return;
    reader->for_each([](const std::string& key, const IndexValue& value) {
        std::printf("alias %s %.*s\n", key.c_str(), TENON_TEXT(value.text));
    });
}

// Opens the file named first and gives `print` a view of it and a function that prints one symbol. A file without any is an error.
template <typename Print>
bool with_module_file(const Request& request, const char* what, Print print)
{
    const std::string& path = request.arguments[0];
    ModuleFile file;
    if (!file.open(path)) {
        message(request.complaint(), "Module %s not found.", path.c_str());
        return false;
    }
    elf::MetadataView::Storage storage;
    const auto view = file.view(storage);
    if (!view) {
        message(request.complaint(), "could not get %s of %s: %s", what, path.c_str(), error_text(view.error()));
        return false;
    }
    bool any = false;
    print(*view, [&](const elf::MetadataView::Version& version) {
        any = true;
        std::printf("0x%08" PRIx64 "\t%.*s\n", version.crc, TENON_TEXT(version.name));
    });
    if (!any)
        message(request.complaint(), "could not get %s of %s: %s", what, path.c_str(), error_text(Errno::noent));
    return any;
}

void begin_entry(JsonWriter& json, const char* key, const std::string& name, const Origin& origin)
{
    json.begin_object();
    json.member(key, name);
    json.member("file", origin.file);
    json.member("line", i64{origin.line});
}

template <typename Entries, typename Print>
void json_list(JsonWriter& json, const char* name, const Entries& entries, Print print)
{
    json.key(name);
    json.begin_array();
    for (const auto& entry : entries) {
        print(entry);
        json.end_object();
    }
    json.end_array();
}

void print_json_config(const Config& config)
{
    JsonWriter json(stdout);
    const auto with = [&](const char* key, const std::string& name, const char* other_key, const std::string& other,
                          const Origin& origin) {
        begin_entry(json, key, name, origin);
        json.member(other_key, other);
    };
    const auto command = [&](const ConfigCommand& entry) {
        with("pattern", entry.pattern, "command", entry.command, entry.origin);
    };
    json.begin_object();
    json_list(json, "blacklist", config.blacklists,
              [&](const ConfigBlacklist& entry) { begin_entry(json, "module", entry.module, entry.origin); });
    json_list(json, "install", config.install_commands, command);
    json_list(json, "remove", config.remove_commands, command);
    json_list(json, "alias", config.aliases, [&](const ConfigAlias& entry) {
        with("pattern", entry.pattern, "module", entry.module, entry.origin);
    });
    json_list(json, "options", config.options, [&](const ConfigOptions& entry) {
        with("module", entry.module, "options", entry.text, entry.origin);
    });
    json_list(json, "softdep", config.softdeps, [&](const ConfigSoftdep& entry) {
        begin_entry(json, "pattern", entry.pattern, entry.origin);
        json.array("pre", entry.before);
        json.array("post", entry.after);
    });
    json_list(json, "weakdep", config.weakdeps, [&](const ConfigWeakdep& entry) {
        begin_entry(json, "pattern", entry.pattern, entry.origin);
        json.array("modules", entry.modules);
    });
    json.end_object();
    json.finish();
}

}  // namespace

bool show_config(const Request& request, const Catalog& catalog)
{
    const Config& config = catalog.config();
    if (request.json) {
        print_json_config(config);
        return true;
    }
    for (const auto& blacklist : config.blacklists)
        std::printf("blacklist %s\n", blacklist.module.c_str());
    for (const auto& install : config.install_commands)
        std::printf("install %s %s\n", install.pattern.c_str(), install.command.c_str());
    for (const auto& remove : config.remove_commands)
        std::printf("remove %s %s\n", remove.pattern.c_str(), remove.command.c_str());
    for (const auto& alias : config.aliases)
        std::printf("alias %s %s\n", alias.pattern.c_str(), alias.module.c_str());
    for (const auto& options : config.options)
        std::printf("options %s %s\n", options.module.c_str(), options.text.c_str());
    for (const auto& softdep : config.softdeps)
        std::printf("softdep %s %s\n", softdep.pattern.c_str(), softdep_text(softdep).c_str());
    for (const auto& weakdep : config.weakdeps)
        std::printf("weakdep %s %s\n", weakdep.pattern.c_str(), joined(weakdep.modules, " ").c_str());
    std::puts("\n# End of configuration files. Dumping indexes now:\n");
    print_index(catalog, Index::aliases);
    print_index(catalog, Index::symbols);
    return true;
}

bool show_modversions(const Request& request)
{
    return with_module_file(request, "modversions", [](const elf::MetadataView& view, const auto& print_line) {
        view.for_each_required_version(print_line);
    });
}

bool show_exports(const Request& request)
{
    return with_module_file(request, "symbols", [](const elf::MetadataView& view, const auto& print_line) {
        view.for_each_export(print_line);
    });
}

}  // namespace tenon::tools::modprobe
