#pragma once

#include "kernel/lib/result.h"
#include "module/elf/object_view.h"
#include "module/link/image.h"
#include "module/link/relocator.h"
#include "module/link/resolve.h"

namespace tenon::modlink {

// Applies the relocations of every loaded section. Fails at the first that is refused (unknown type, place outside its section,
// symbol index outside the table, value out of range or misaligned), with Errno::noexec and a reason that names all of it; that fixup changes no byte.
Result<> apply(const elf::ObjectView& view, const Layout& layout, const Image& image, const SectionPlaces& places,
               const BoundSymbols& symbols, const Relocator& relocator, elf::Diagnostics& diagnostics);

}  // namespace tenon::modlink
