#pragma once

#include <span>

#include "kernel/lib/result.h"
#include "module/load/table_reader.h"
#include <tenon/module_header.h>

namespace tenon::modload {

// Checks every entry of a module's table of parameters, which is inside the image: the name, the variable and its present value, the
// count of an array, the operations. `exports` is what the symbol table will write to: no variable may lie there. Errno::noexec.
Result<> check_parameters(std::span<const Parameter> table, std::span<const std::span<ExportedSymbol>> exports, TableReader& reader);

}  // namespace tenon::modload
