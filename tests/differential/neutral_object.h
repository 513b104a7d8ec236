#pragma once

#include <span>
#include <string>
#include <vector>

#include "kernel/lib/types.h"

namespace tenon::test {

// A copy of an object in which another linker leaves every section alone: each one is called `s<index>`, none is merged, grouped or of a
// type that linkers treat specially. Contents, symbols and relocations are unchanged.
std::vector<std::byte> neutral_object(std::span<const std::byte> object);

std::string neutral_name(u32 section);

}  // namespace tenon::test
