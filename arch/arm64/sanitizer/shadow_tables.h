#pragma once

#include "arch/arm64/mm/table_builder.h"
#include "kernel/boot_info.h"

// Shadow memory in the kernel's first page tables (kernel/runtime/shadow.h).

namespace tenon::arch {

// How much memory the shadow of all RAM takes, and how much more the tables take for it.
u64 shadow_size(const BootInfo& info);
u64 shadow_tables_size(const BootInfo& info);
// RAM's shadow is [shadow.start, +shadow_size(info)), the kernel's image has the same; that of stacks and of module memory is made when they
// are mapped (kernel_map.cpp); everything else has one page of zeros for all.
void map_shadow(TableBuilder& tables, const BootInfo& info, PhysRange shadow);
// Whether the shadow at `address` comes and stays with what is mapped.
bool has_own_shadow(u64 shadow_address);
// Cleans the page of zeros from what was written before RAM had its own shadow, and makes it read-only. In the final tables.
void seal_shadow();

}  // namespace tenon::arch
