#pragma once

#include "kernel/lib/result.h"
#include "module/load/load.h"

namespace tenon::module_system {

// The loader's place in this kernel: memory, registry, the kernel's own exports. Once at boot, before the first module; reads
// `module_far` (place modules out of branch reach) and `module_check` (walk the page tables at every step) of the kernel's command line.
Result<> initialise();

const modload::Environment& environment();
modreg::Registry& registry();

// Whether modules may come and go. Once closed it stays so until the system is started again (kernel.modules_disabled).
bool is_closed();
void close();

}  // namespace tenon::module_system
