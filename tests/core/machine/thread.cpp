#include <cstring>
#include <new>
#include <utility>

#include "kernel/lib/panic.h"
#include "kernel/thread/kernel_stack.h"
#include "kernel/thread/thread.h"
#include "tests/core/machine/cpu.h"

namespace tenon {
namespace {

// Room for GoogleTest and for a report of ThreadSanitizer.
constexpr usize host_stack_size = 256 * 1024;

// The first step of every thread on its own stack.
void start_context()
{
    const arch::ThreadContext& context = arch::current_thread().context;
    context.entry(context.argument);
}

}  // namespace

Result<KernelStack> KernelStack::allocate()
{
    auto* const bytes = new (std::nothrow) std::byte[host_stack_size];
    if (bytes == nullptr)
        return fail(Errno::nomem);
    KernelStack stack;
    stack.top_ = KernelAddr::of(bytes + host_stack_size);
    return stack;
}

KernelStack::KernelStack(KernelStack&& other) noexcept : top_(std::exchange(other.top_, KernelAddr())), payer_(nullptr) {}

KernelStack& KernelStack::operator=(KernelStack&& other) noexcept
{
    std::swap(top_, other.top_);
    return *this;
}

// It is written to where it was used last, so that a CPU that could still be on it is noticed.
KernelStack::~KernelStack()
{
    if (top_ == KernelAddr())
        return;
    constexpr usize used_first = 4096;
    std::memset((top_ - used_first).pointer(), 0, used_first);
    delete[] (top_ - host_stack_size).pointer();
}

namespace arch {

Thread& current_thread()
{
    return *machine::this_cpu().current;
}

Thread* current_thread_if_any()
{
    return machine::this_cpu().current;
}

void set_current_thread(Thread& thread)
{
    machine::this_cpu().current = &thread;
}

void initialise_context(ThreadContext& context, KernelAddr stack_top, void (*entry)(void*), void* argument)
{
    getcontext(&context.registers);
    context.registers.uc_stack.ss_sp = (stack_top - host_stack_size).pointer();
    context.registers.uc_stack.ss_size = host_stack_size;
    context.registers.uc_link = nullptr;
    makecontext(&context.registers, start_context, 0);
    context.entry = entry;
    context.argument = argument;
    context.left_cpu = max_cpus;
}

void switch_threads(Thread& from, Thread& to)
{
    from.context.left_cpu = cpu_index();
    expect(to.context.left_cpu <= max_cpus, "a thread without registers");
    machine::this_cpu().current = &to;
    swapcontext(&from.context.registers, &to.context.registers);
}

// Only those of processes have some.
UserRegisters& user_registers(Thread&)
{
    panic("a thread of the kernel has no user registers");
}

void UserPageTable::activate_none() {}

}  // namespace arch
}  // namespace tenon
