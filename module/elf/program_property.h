#pragma once

#include <span>

#include "kernel/lib/types.h"

namespace tenon::elf {

// Program properties, which the compiler and the static linker write to .note.gnu.property (Linux Extensions to gABI, "Program Property").
// Whether `notes`, the contents of that section, give the object the features `features` in the property `type`: one of those that
// an object has only when all its parts have it. A note that is damaged, larger than any linker makes it, or not aligned as the format
// wants it (8 bytes), gives nothing.
bool has_features(std::span<const std::byte> notes, u32 type, u32 features);

}  // namespace tenon::elf
