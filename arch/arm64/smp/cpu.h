#pragma once

#include <array>

#include "kernel/arch.h"

namespace tenon::arch {

extern std::array<Cpu, max_cpus> cpus;
extern std::array<u64, max_cpus> cpu_identities;  // MIDR_EL1

// Makes the calling CPU number 0 / number `index`. The first thing C++ code does on a CPU.
void adopt_boot_cpu();
void adopt_cpu(unsigned index);

}  // namespace tenon::arch
