#pragma once

#include <atomic>
#include <optional>
#include <span>
#include <string_view>

#include "kernel/lib/address.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include "kernel/mm/kernel_map.h"
#include "kernel/mm/user_range.h"

// The complete contract that an architecture fulfils. The types that generic code only passes on are defined in
// arch/<name>/types.h: arch::UserRegisters, arch::ThreadContext, arch::FpState.

#include "arch/arm64/types.h"

namespace tenon {
class TextSink;
class Thread;
class SignalSet;
struct SignalAction;
struct SignalInfo;
struct SignalStack;
}

namespace tenon::arch {

// The processor

unsigned cpu_index();  // 0..max_cpus-1; stable while the caller does not block
constexpr unsigned max_cpus = 8;

// Interrupts of this CPU. disable returns the state before, for restore.
u64 disable_interrupts();
void restore_interrupts(u64 state);
void enable_interrupts();
bool interrupts_enabled();
// Of the code that the interrupt came in whose handler is running on this CPU; null outside of interrupt handlers.
const UserRegisters* interrupted_registers();
// Sleeps until an interrupt is pending; called with interrupts off, returns with them off.
void wait_for_interrupt();
void relax();  // in spin loops

u64 counter();            // free-running, the same on all CPUs
u64 counter_frequency();  // per second

// Asks CPU `cpu` to look at its run queue (inter-processor interrupt).
void send_reschedule(unsigned cpu);
// Makes CPU `cpu` call cross_call::answer(). What the caller has stored before is visible to it.
void send_call(unsigned cpu);
// Everything stored before is visible to all; what this CPU executes from now on is fetched anew (context synchronisation event).
void synchronise_context();
// Arms this CPU's timer: an interrupt when counter() reaches `deadline` (the earlier of this and the tick wins), or some hours from now
// for one that is further away.
void set_timer(u64 deadline);

// For a panic: the other CPUs stop where they are, unless they have interrupts off for good.
void stop_other_cpus();
[[noreturn]] void power_off();
[[noreturn]] void restart();
[[noreturn]] void halt();  // this CPU, for ever

constexpr std::string_view name = "aarch64";

// The flattened device tree, validated; for the whole run.
const void* device_tree_blob();
// Hands the random bytes that the boot loader passed in it to `use`, once, and wipes them.
void take_boot_seed(void (*use)(std::span<const std::byte> seed));
unsigned present_cpus();  // that the device tree lists, at most max_cpus

// Start-up, in this order, on the boot CPU
void initialise_platform();   // power control, interrupt controller, timer
KernelAddr boot_stack_top();  // of the boot flow
void start_other_cpus();      // needs the boot flow to be a thread

// Threads

// The running thread; valid from the moment that start-up code has set the boot thread.
Thread& current_thread();
Thread* current_thread_if_any();  // null before that
void set_current_thread(Thread& thread);  // of a boot flow

// Prepares `context` so that the first switch to it calls entry(argument) on the stack that ends at `stack_top`.
void initialise_context(ThreadContext& context, KernelAddr stack_top, void (*entry)(void*), void* argument);
// Saves the running thread's registers in `from` (user FP state and TLS register included) and continues `to`.
// Interrupts are off. Makes `to` the current thread.
void switch_threads(Thread& from, Thread& to);

// The user registers saved at the top of the thread's kernel stack.
UserRegisters& user_registers(Thread& thread);
// Leaves the kernel for the first time in this thread.
[[noreturn]] void enter_user(const UserRegisters& registers);
// Start values for a program: pc, stack pointer, everything else zero.
UserRegisters initial_user_registers(UserAddr entry, UserAddr stack);

// User memory

enum class UserAccess : u8 {
    none = 0,
    read = 1,
    write = 2,
    execute = 4,
};
constexpr UserAccess operator|(UserAccess a, UserAccess b)
{
    return static_cast<UserAccess>(static_cast<u8>(a) | static_cast<u8>(b));
}
constexpr bool allows(UserAccess have, UserAccess wanted)
{
    return (static_cast<u8>(have) & static_cast<u8>(wanted)) == static_cast<u8>(wanted);
}

// The hardware page tables of one address space. The caller's lock protects them; TLB maintenance for all CPUs is inside.
class UserPageTable {
public:
    static Result<UserPageTable> create();
    UserPageTable(UserPageTable&&) noexcept;
    UserPageTable& operator=(UserPageTable&&) noexcept;
    ~UserPageTable();  // frees tables, not the frames they point to; not active on any CPU

    // Replaces what was mapped at that page. Makes the instruction cache coherent for executable pages. Errno::nomem.
    Result<> map(UserAddr page, PhysAddr frame, UserAccess access);
    void unmap(UserAddr page);  // nothing happens when not mapped
    void protect(UserAddr page, UserAccess access);  // nothing happens when not mapped
    struct Mapping {
        PhysAddr frame;
        UserAccess access;
    };
    std::optional<Mapping> find(UserAddr page) const;
    // The first mapped page in [from, end); skips whole empty tables.
    std::optional<UserAddr> next_mapped(UserAddr from, UserAddr end) const;

    void activate() const;                // on this CPU
    static void activate_none();          // no user memory visible on this CPU

private:
    explicit UserPageTable(PhysAddr root) : root_(root) {}
    void invalidate(UserAddr page) const;

    PhysAddr root_;  // 0: moved from
    // Address-space identifier and its generation (arch/arm64/mm/asid.h); 0: none yet.
    mutable std::atomic<u64> context_{0};
    // Bit per CPU whose TLB may hold entries of this table.
    mutable std::atomic<u32> cpus_{0};
};

// Copies between kernel and user memory, with the program's rights; return how many bytes were not copied because the program has no
// access (0: all copied). May block; kernel/mm/user_access.h is what calls them.
extern "C" usize copy_from_user(void* destination, UserRange source);
extern "C" usize copy_to_user(UserRange destination, const void* source);
extern "C" usize clear_user(UserRange destination);
// Copies up to the first NUL, that included, or the whole range when it has none. Returns the length without the NUL (the range's
// size: no NUL), or -1 on a fault. Reads each byte once.
extern "C" i64 copy_string_from_user(char* destination, UserRange source);

// Makes stores to [start, +size) of the linear map or a module mapping visible to instruction fetch on all CPUs. A CPU may still
// execute what it has fetched from there before: for memory that nobody was executing.
void clean_code(KernelAddr start, usize size);
// The same, and no CPU executes anything that it has fetched before. Threads only, interrupts on; may block.
void synchronise_code(KernelAddr start, usize size);

// Whether the CPUs hold indirect branches to landing pads, in pages that ask for it (kernel_map::Access::read_execute). As the CPU that
// boots, which is taken for the others; one that cannot executes the pads as no-operations.
bool guards_branches();

// Whether code must keep ADRP away from the last two instructions of a page, on one of the CPUs that have started: Cortex-A53 erratum
// 843419. The kernel itself is always linked so.
bool has_erratum_843419();

// Programs and signals

u64 program_capabilities();  // AT_HWCAP
// The lines about a CPU that has started, without its number, in /proc/cpuinfo: what programs may use and which processor it is.
void print_processor(unsigned cpu, TextSink& sink);
// Copies the running thread's live FP registers and TLS register into `context`, for fork.
void save_user_state(ThreadContext& context);
void set_thread_pointer(ThreadContext& context, UserAddr value);  // the TLS register
// Zeroes the running thread's, for execve.
void reset_user_state();

// Position-independent code that makes the rt_sigreturn system call; mapped into every program.
std::span<const std::byte> signal_trampoline();
// Writes the signal frame to the user stack (`stack` when the action says so) and points `registers` at the handler,
// which returns to `trampoline`. Errno::fault when the stack is not writable; `registers` is unchanged then.
Result<> push_signal_frame(UserRegisters& registers, const SignalInfo& info, const SignalAction& action,
                           SignalSet former_mask, const SignalStack& stack, UserAddr trampoline);
struct SignalReturn;  // kernel/proc/signal_return.h
// Reads the frame at the stack pointer and restores `registers` from it. Errno::fault, inval; nothing is changed then.
Result<SignalReturn> pop_signal_frame(UserRegisters& registers);

// Debugging

// Calls visit(return_address) for each frame, innermost first; tolerates broken stacks.
void walk_stack(u64 frame_pointer, void (*visit)(u64 address, void* context), void* context);
u64 current_frame_pointer();
// The return addresses from the frame at `frame_pointer` on, innermost first, as far as its stack goes; how many.
// Every context, no locks.
usize call_chain(u64 frame_pointer, std::span<u64> addresses);
extern "C" void capture_registers(UserRegisters& registers);  // of the caller, as they are now
void print_registers(const UserRegisters& registers, TextSink& sink);

}  // namespace tenon::arch

#include "arch/arm64/processor.h"
