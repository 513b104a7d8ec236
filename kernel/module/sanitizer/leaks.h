#pragma once

#include "module/link/region_memory.h"

namespace tenon {
namespace modreg {
class Module;
}

// The debug kernel's look at what modules leave behind: objects that code of theirs has allocated itself and that live when it goes.
namespace leaks {

// The module's code is about to run.
void note_module(const modreg::Module& module);
// Memory of a module is about to go. All calls are serialised.
void note_release(modlink::Region region, const modlink::RegionBlock& block);

}  // namespace leaks
}  // namespace tenon
