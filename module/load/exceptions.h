#pragma once

#include <span>

#include "kernel/lib/result.h"
#include "module/elf/diagnostics.h"
#include "module/link/image.h"
#include "module/platform.h"
#include "module/registry/module.h"

// A module's exception table: instructions that may fault, and where to go on when they do.

namespace tenon::modload {

// Checks that each entry leads from the module's code to the module's code and sorts the table by the address of the instruction. The
// image must not be sealed yet. Errno::noexec.
Result<> prepare_exceptions(std::span<const ExceptionEntry> table, const modlink::Image& image, elf::Diagnostics& diagnostics);

// When the init regions go: forgets the entries of instructions in there.
void drop_init_exceptions(Platform& platform, modreg::Module& module);

// Gives back the module's memory; nobody can be in its code.
void release_image(Platform& platform, modreg::Module& module);

}  // namespace tenon::modload
