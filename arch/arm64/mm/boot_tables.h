#pragma once

#include "kernel/boot_info.h"

namespace tenon::arch {

// Builds the kernel's final page tables (linear map of all RAM, kernel image with its rights) in free RAM, switches to them, and
// tells kernel_map. Called once, on the boot CPU, with the early tables of entry.S in use. Reserves what it used in `info`.
void build_kernel_tables(BootInfo& info);

// Maps [physical, +size) in the early tables and returns where: 2 MiB slots, gone after build_kernel_tables.
enum class EarlyMemory : bool { normal, device };
void* map_early(PhysAddr physical, u64 size, EarlyMemory kind);

}  // namespace tenon::arch
