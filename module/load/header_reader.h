#pragma once

#include "kernel/lib/result.h"
#include "module/elf/diagnostics.h"
#include "module/link/image.h"
#include "module/registry/module.h"
#include <tenon/module_header.h>

namespace tenon::modload {

// What only the load itself uses of a module's header. Points into its init regions.
struct StartUp {
    std::span<void (*const)()> constructors;
    int (*init)() = nullptr;
};

// Reads the relocated header at `address`, checks that everything it names lies inside `image`, enters it in `module` and gives
// the module its own handle. The image must not be sealed yet. Errno::noexec.
Result<StartUp> read_header(u64 address, const modlink::Image& image, modreg::Module& module,
                            elf::Diagnostics& diagnostics);

}  // namespace tenon::modload
