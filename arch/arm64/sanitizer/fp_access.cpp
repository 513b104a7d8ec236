#include "arch/arm64/sanitizer/fp_access.h"

#include <array>

#include "kernel/arch.h"

namespace tenon::arch::fp_access {
namespace {

constinit std::array<u32, max_cpus> scopes{};  // that each CPU is in; only the CPU itself looks

void set(bool allowed)
{
    u64 value;
    asm volatile("mrs %0, cpacr_el1" : "=r"(value));
    value = allowed ? value | CPACR_FP : value & ~u64{CPACR_FP};
    asm volatile("msr cpacr_el1, %0\n\tisb" ::"r"(value) : "memory");
}

}  // namespace

void allow()
{
    set(true);
}

void enter_scope()
{
    ++scopes[cpu_index()];
    set(true);
}

void leave_scope()
{
    set(--scopes[cpu_index()] != 0);
}

}  // namespace tenon::arch::fp_access
