#pragma once

#include <string>
#include <vector>

#include "module/elf/object_view.h"
#include "module/link/relocator.h"
#include "tests/exec/cases.h"

namespace tenon::test {

// One sentence for each function that lacks a relocation of a type that it is said to have, and for each type of the relocator that no
// function has.
std::vector<std::string> gaps(const elf::ObjectView& object, const modlink::Relocator& relocator, const ExecSuite& suite);

}  // namespace tenon::test
