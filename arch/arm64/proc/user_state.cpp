#include "arch/arm64/proc/user_state.h"

#include "kernel/arch.h"

extern "C" {
extern const std::byte signal_trampoline_start[];
extern const std::byte signal_trampoline_end[];
}

namespace tenon::arch {

static_assert(offsetof(FpState, fpsr) == 512, "fp_state.S knows the offset");

void save_user_state(ThreadContext& context)
{
    save_fp_state(context.fp_state);
    asm volatile("mrs %0, tpidr_el0" : "=r"(context.tpidr_el0));
}

void set_thread_pointer(ThreadContext& context, UserAddr value)
{
    context.tpidr_el0 = value.value();
}

void reset_user_state()
{
    const FpState zero{};
    load_fp_state(zero);
    asm volatile("msr tpidr_el0, xzr");
}

std::span<const std::byte> signal_trampoline()
{
    return {signal_trampoline_start, signal_trampoline_end};
}

}  // namespace tenon::arch
