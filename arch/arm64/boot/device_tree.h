#pragma once

#include "kernel/boot_info.h"
#include "kernel/lib/result.h"

namespace tenon::arch {

// Fills in what the flattened device tree at `blob` (mapped, at most `limit` bytes) says: memory, reservations, /chosen.
// Errno::inval when it is no device tree or names no memory.
Result<> read_device_tree(const void* blob, usize limit, BootInfo& info);

// The ranges of a node's `reg` property; its parent is `parent`.
RangeList node_registers(const void* tree, int node, int parent);

// The MPIDR of a node below /cpus.
std::optional<u64> cpu_hardware_id(const void* tree, int node, int parent);

}  // namespace tenon::arch
