#pragma once

#include <string_view>

#include "kernel/lib/result.h"
#include "module/load/header_reader.h"
#include "module/load/load.h"

namespace tenon::modload {

// The part of a load in which the module's own code runs: parameters, constructors, init. Takes a published (coming) module to live
// and frees its init regions; when it fails, the module is withdrawn, its destructors have run and nobody is in its code.
Result<> run_start(const Environment& environment, modreg::Module& module, const StartUp& start,
                   std::string_view arguments, elf::Diagnostics& diagnostics);

// Waits until nobody can be in the module's code and gives back its memory. It has no users any more.
void release_memory(const Environment& environment, modreg::Module& module);

}  // namespace tenon::modload
