#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kernel/lib/result.h"
#include "tools/lib/catalog.h"
#include "tools/lib/loader.h"

namespace tenon::tools {

// How modules are inserted.
struct ProbeOptions {
    ForceLoad force;
    bool ignore_command = false;  // of the module itself; those of its dependencies are run
    bool ignore_loaded = false;   // act as if nothing were loaded
    bool dry_run = false;
    bool apply_blacklist = false;  // to names too, not only to modules found by an alias
    bool fail_on_loaded = false;
    // Runs an install command, which has its options, in the place of the shell; empty: the shell does.
    std::function<Result<>(const Module& module, const std::string& command)> run_install;
};

// The modules that must be loaded for `module`, in order, itself included: soft dependencies before, hard ones, the module, soft
// dependencies after. Each once; cycles are cut.
std::vector<Module*> probe_list(Catalog& catalog, Module& module, bool ignore_command);

// One step, told before it is taken; `command` is null when the file is loaded.
using ProbeReport = std::function<void(const Module& module, const ConfigCommand* command, const std::string& options)>;

// Whether the kernel has the module: loaded and live, or built in.
bool in_kernel(const Catalog& catalog, const Module& module);

// Inserts a module with all that it needs. Failing soft dependencies are passed over. Success when a blacklist forbids it, or
// when it is there already and `fail_on_loaded` is off.
Result<> probe_insert(Catalog& catalog, Module& module, const std::string& parameters, const ProbeOptions& options,
                      const ProbeReport& report);

// The same for the modules of a list in their order, and whatever a blacklist says.
Result<> insert_listed(Catalog& catalog, const Module& module, const std::vector<Module*>& list, const std::string& parameters,
                       const ProbeOptions& options, const ProbeReport& report);

}  // namespace tenon::tools
