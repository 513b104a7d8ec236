#pragma once

#include <optional>
#include <span>

#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include <tenon/module_header.h>

// Instructions that may fault, and where to go on when they do. The kernel's own table is section .ex_table; modules add theirs.

namespace tenon::exception_table {

// Adds a table that is sorted by instruction and stays where it is until it is replaced. Errno::nomem. Not in interrupt handlers.
Result<> add(std::span<const ExceptionEntry> table);
// What was added as `table` is only `rest` from now on; nothing when that is empty. Afterwards nobody reads the other entries.
void replace(std::span<const ExceptionEntry> table, std::span<const ExceptionEntry> rest);

// The address at which to go on after a fault at `pc`. Every context.
std::optional<u64> find(u64 pc);

}  // namespace tenon::exception_table
