#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/lib/catalog.h"
#include "tools/lib/messages.h"
#include "tools/lib/probe.h"

namespace tenon::tools::modprobe {

enum class Mode { insert, remove, show_config, show_modversions, show_exports, why };

// The command line of modprobe.
struct Request {
    Mode mode = Mode::insert;
    bool all = false;             // every argument is a module
    bool lookup_only = false;     // -R
    bool show = false;            // -D: print what would be done
    bool json = false;
    bool first_time = false;
    bool remove_holders = false;
    unsigned long wait_milliseconds = 0;
    ProbeOptions probe;
    std::string root;
    std::string release;  // empty: of the running kernel
    std::vector<std::string> config_paths;
    std::vector<std::string> arguments;

    bool prints_actions() const { return show || is_verbose(); }
    // What is said of a module that does not exist, is in use, and the like.
    Severity complaint() const { return all ? Severity::warning : Severity::fatal; }
};

// What an argument means: a module file when it begins with `/` or `./`, else a name. What is not found has been reported.
std::optional<Catalog::Found> find_modules(const Request& request, Catalog& catalog, const std::string& argument);

// Each returns whether all went well; failures have been reported.
bool insert_modules(const Request& request, Catalog& catalog);
bool remove_modules(const Request& request, Catalog& catalog);
bool show_config(const Request& request, const Catalog& catalog);
bool show_modversions(const Request& request);
bool show_exports(const Request& request);
bool explain_modules(const Request& request, Catalog& catalog);

}  // namespace tenon::tools::modprobe
