#pragma once

#include <string>

#include "kernel/lib/result.h"

namespace tenon::tools {

// What must not keep a module from loading (insmod -f).
struct ForceLoad {
    bool modversion = false;
    bool vermagic = false;

    bool any() const { return modversion || vermagic; }
};

// Loads the module file at `path` with its parameters. A file that the kernel can unpack itself is handed over as it is; else
// it is unpacked here. The errno is the kernel's.
Result<> load_module(const std::string& path, const std::string& parameters, ForceLoad force);

}  // namespace tenon::tools
