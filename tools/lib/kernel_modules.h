#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/lib/result.h"

// What the running kernel says about its modules in /proc/modules and /sys/module.

namespace tenon::tools {

struct LoadedModule {
    std::string name;
    long size = 0;
    long references = 0;
    std::vector<std::string> users;  // modules that need this one
    std::string state;               // "Live", "Loading", "Unloading"; empty when the kernel does not say
};

// One snapshot. A line that is no module is reported and left out.
Result<std::vector<LoadedModule>> loaded_modules();
std::vector<LoadedModule> parse_loaded_modules(std::string_view text);

enum class InitState { coming, live, going };

// Whether /sys/module can be read, without which no module seems to be loaded; says what to do when not.
bool sees_loaded_modules();

// Nothing when the module is neither loaded nor built in.
std::optional<InitState> init_state(const std::string& name);

// `Errno::noent` when the kernel does not count, as one that cannot unload modules; any other failure has been reported.
Result<long> reference_count(const std::string& name);

// The modules that use this one.
std::vector<std::string> holders(const std::string& name);

// What each reference to the module is for, in the kernel's words, one each: "open-file /dev/counter by cat, pid 31". Empty when the kernel
// does not say.
std::vector<std::string> uses(const std::string& name);

// The compression that the kernel unpacks by itself ("zstd"); empty when none.
std::string kernel_compression();

}  // namespace tenon::tools
