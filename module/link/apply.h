#pragma once

#include "kernel/lib/result.h"
#include "module/elf/object_view.h"
#include "module/link/image.h"
#include "module/link/relocator.h"
#include "module/link/resolve.h"

namespace tenon::modlink {

// What happens after a relocation was refused: the kernel stops, a checking tool wants to hear of all of them.
enum class AfterRefusal : u8 { stop, report_all };

// Applies the relocations of every loaded section. A relocation is refused (Errno::noexec) for an unknown type, a place outside its
// section, a symbol index outside the table, a value out of range or misaligned; the reason names all of it. A refused one changes no byte.
Result<> apply(const elf::ObjectView& view, const Layout& layout, const Image& image, const SectionPlaces& places,
               const BoundSymbols& symbols, const Relocator& relocator, elf::Diagnostics& diagnostics,
               AfterRefusal after = AfterRefusal::stop);

}  // namespace tenon::modlink
