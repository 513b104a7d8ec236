#pragma once

#include <span>

#include "kernel/lib/result.h"
#include "module/elf/diagnostics.h"
#include "module/elf/object_view.h"
#include "module/link/image.h"
#include "module/link/layout.h"

namespace tenon::modload {

// Refuses a module with functions for its start or its end that nobody would call: a section of them (System V ABI, "Special Sections";
// .ctors and .dtors of old compilers) that is not a part of the header's `constructors`. Errno::noexec.
Result<> check_start_sections(const elf::ObjectView& view, const modlink::Layout& layout, const modlink::SectionPlaces& places,
                              std::span<void (*const)()> constructors, elf::Diagnostics& diagnostics);

}  // namespace tenon::modload
