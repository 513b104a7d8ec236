#include <cstddef>

#include "arch/arm64/proc/user_state.h"
#include "arch/arm64/sanitizer/fp_access.h"
#include "arch/arm64/smp/cpu.h"
#include "arch/arm64/trap/frame_layout.h"
#include "kernel/arch.h"
#include "kernel/syscall/traps.h"
#include "kernel/thread/thread.h"
#include "kernel/time/clock.h"
#include <tenon/cpu.h>
#include <tenon/log.h>
#include <tenon/time.h>

namespace tenon::arch {

static_assert(offsetof(ThreadContext, x19_to_x28) == CONTEXT_X19 && offsetof(ThreadContext, fp) == CONTEXT_FP);
static_assert(offsetof(ThreadContext, sp) == CONTEXT_SP && offsetof(ThreadContext, pc) == CONTEXT_PC);

extern "C" {
void switch_context(ThreadContext* from, ThreadContext* to);
void thread_start();
[[noreturn]] void enter_user_at(const UserRegisters* registers, UserRegisters* frame);
}

namespace {

u64 read_tls_register()
{
    u64 value;
    asm volatile("mrs %0, tpidr_el0" : "=r"(value));
    return value;
}

void write_tls_register(u64 value)
{
    asm volatile("msr tpidr_el0, %0" ::"r"(value));
}

bool has_user_state(const Thread& thread)
{
    return thread.process() != nullptr;
}

void save_user_registers(Thread& thread)
{
    thread.context.tpidr_el0 = read_tls_register();
    Cpu& cpu = this_cpu();
    save_fp_state(thread.context.fp_state);
    thread.context.fp_cpu = cpu.index;
    cpu.fp_owner = &thread;
}

// The FP registers may still hold the state: saving them does not change them.
void load_user_registers(Thread& thread)
{
    write_tls_register(thread.context.tpidr_el0);
    Cpu& cpu = this_cpu();
    if (cpu.fp_owner == &thread && thread.context.fp_cpu == cpu.index)
        return;
    load_fp_state(thread.context.fp_state);
    thread.context.fp_cpu = cpu.index;
    cpu.fp_owner = &thread;
}

bool first_program_started = false;

void log_first_program()
{
    if (first_program_started)
        return;
    first_program_started = true;
    const u64 ticks = counter() - clock::entry_counter();
    log::info("boot", "first user instruction after {} us ({} counter ticks)", clock::to_nanoseconds(ticks) / 1000, ticks);
}

}  // namespace

void initialise_context(ThreadContext& context, KernelAddr stack_top, void (*entry)(void*), void* argument)
{
    context = {};
    context.x19_to_x28[0] = reinterpret_cast<u64>(entry);
    context.x19_to_x28[1] = reinterpret_cast<u64>(argument);
    context.sp = stack_top.value() - sizeof(UserRegisters);
    context.pc = reinterpret_cast<u64>(&thread_start);
    context.fp_cpu = max_cpus;
}

void switch_threads(Thread& from, Thread& to)
{
    if (has_user_state(from))
        save_user_registers(from);
    if (has_user_state(to))
        load_user_registers(to);
    this_cpu().current = &to;
    switch_context(&from.context, &to.context);
}

UserRegisters& user_registers(Thread& thread)
{
    return *(thread.stack_top() - sizeof(UserRegisters)).pointer<UserRegisters>();
}

void enter_user(const UserRegisters& registers)
{
    Thread& thread = current_thread();
    const UserRegisters copy = registers;  // may stand where the frame goes
    log_first_program();
    disable_interrupts();
    enter_user_at(&copy, &user_registers(thread));
}

// From enter_user_at, on the thread's final frame.
extern "C" void finish_enter_user(UserRegisters& registers)
{
    traps::prepare_return_to_user(registers);
}

UserRegisters initial_user_registers(UserAddr entry, UserAddr stack)
{
    UserRegisters registers{};
    registers.pc = entry.value();
    registers.sp = stack.value();
    registers.system_call_number = ~u64{0};
    return registers;
}

}  // namespace tenon::arch

namespace tenon {

KernelFpScope::KernelFpScope()
{
    Thread* thread = arch::current_thread_if_any();
    if (thread != nullptr && arch::has_user_state(*thread))
        arch::save_user_registers(*thread);
    arch::this_cpu().fp_owner = nullptr;
    arch::fp_access::enter_scope();
}

KernelFpScope::~KernelFpScope()
{
    arch::fp_access::leave_scope();
    Thread* thread = arch::current_thread_if_any();
    if (thread != nullptr && arch::has_user_state(*thread))
        arch::load_user_registers(*thread);
}

}  // namespace tenon
