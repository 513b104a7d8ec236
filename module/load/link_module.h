#pragma once

#include "kernel/lib/result.h"
#include "module/elf/object_view.h"
#include "module/load/header_reader.h"
#include "module/load/load.h"

namespace tenon::modload {

// The part of a load in which no code of the module runs: from the file to the symbol table. Links `module`, which is unformed, and
// publishes it (coming). After a failure parts of its image may be there, and release_image() is due; nothing is published then.
Result<StartUp> link_module(const Environment& environment, const elf::ObjectView& view, elf::Source& source, modreg::Module& module,
                            elf::Diagnostics& diagnostics);

}  // namespace tenon::modload
