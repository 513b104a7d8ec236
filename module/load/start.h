#pragma once

#include <string_view>

#include "kernel/lib/result.h"
#include "module/load/header_reader.h"
#include "module/load/load.h"

namespace tenon::modload {

// The part of a load in which the module's own code runs: parameters, constructors, init. Takes a published (coming) module to live
// and frees its init regions. When it fails, the module is withdrawn, its destructors have run and nobody is in its code; or, when the
// calling process is ended while others still use the module, a worker does all this and forgets the module in the end.
struct Started {
    Result<> result;
    bool is_left_to_worker = false;
};
Started run_start(const Environment& environment, modreg::Module& module, const StartUp& start,
                   std::string_view arguments, elf::Diagnostics& diagnostics);

// Waits until nobody can be in the module's code and gives back its memory. It has no users any more.
void release_memory(const Environment& environment, modreg::Module& module);

}  // namespace tenon::modload
