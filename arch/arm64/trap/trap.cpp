// What the vectors call.

#include "arch/arm64/trap/trap.h"

#include <cstddef>

#include "arch/arm64/interrupt/controller.h"
#include "arch/arm64/sanitizer/fp_access.h"
#include "arch/arm64/trap/frame_layout.h"
#include "kernel/debug/exception_table.h"
#include "kernel/debug/kallsyms.h"
#include "kernel/debug/panic_report.h"
#include "kernel/lib/bug.h"
#include "kernel/lib/text.h"
#include "kernel/mm/layout.h"
#include "kernel/runtime/shadow.h"
#include "kernel/syscall/traps.h"
#include "kernel/thread/sanitizer/long_calls.h"
#include <tenon/memory.h>

namespace tenon::arch {

static_assert(offsetof(UserRegisters, sp) == FRAME_SP && offsetof(UserRegisters, pc) == FRAME_PC);
static_assert(offsetof(UserRegisters, system_call_number) == FRAME_SYSTEM_CALL && sizeof(UserRegisters) == FRAME_SIZE);

namespace {

// ESR_EL1, Arm ARM D17.2.37.
enum class ExceptionClass : u8 {
    fp_access = 0x07,
    branch_target = 0x0d,
    system_call = 0x15,
    instruction_abort_user = 0x20,
    instruction_abort_kernel = 0x21,
    pc_alignment = 0x22,
    data_abort_user = 0x24,
    data_abort_kernel = 0x25,
    stack_alignment = 0x26,
    breakpoint_user = 0x30,
    breakpoint_kernel = 0x31,
    step_user = 0x32,
    watchpoint_user = 0x34,
    software_breakpoint = 0x3c,
};

constexpr u64 write_not_read = 1 << 6;
constexpr u64 cache_maintenance = 1 << 8;
constexpr u64 alignment_status = 0x21;

struct Syndrome {
    u64 value;

    ExceptionClass exception_class() const { return static_cast<ExceptionClass>(value >> 26); }
    u64 status() const { return value & 0x3f; }
    // Translation, access flag and permission faults of all levels.
    bool is_page_fault() const { return status() >= 0x04 && status() <= 0x0f; }
    bool is_permission_fault() const { return status() >= 0x0c && status() <= 0x0f; }
};

Syndrome read_syndrome()
{
    Syndrome syndrome;
    asm volatile("mrs %0, esr_el1" : "=r"(syndrome.value));
    return syndrome;
}

u64 read_fault_address()
{
    u64 address;
    asm volatile("mrs %0, far_el1" : "=r"(address));
    return address;
}

traps::Fault memory_fault(Syndrome syndrome, u64 address, bool is_instruction)
{
    using traps::FaultKind;
    UserAccess access = UserAccess::read;
    if (is_instruction)
        access = UserAccess::execute;
    else if ((syndrome.value & write_not_read) != 0 && (syndrome.value & cache_maintenance) == 0)
        access = UserAccess::write;
    FaultKind kind = FaultKind::bus_error;
    if (syndrome.is_page_fault())
        kind = FaultKind::page;
    else if (syndrome.status() == alignment_status)
        kind = FaultKind::alignment;
    return {kind, UserAddr(address), access};
}

traps::Fault user_fault(Syndrome syndrome, u64 address, u64 pc)
{
    using traps::FaultKind;
    switch (syndrome.exception_class()) {
    case ExceptionClass::instruction_abort_user: return memory_fault(syndrome, address, true);
    case ExceptionClass::data_abort_user: return memory_fault(syndrome, address, false);
    case ExceptionClass::pc_alignment: return {FaultKind::alignment, UserAddr(address), UserAccess::execute};
    case ExceptionClass::stack_alignment: return {FaultKind::alignment, UserAddr(address), UserAccess::read};
    case ExceptionClass::breakpoint_user:
    case ExceptionClass::step_user:
    case ExceptionClass::watchpoint_user:
    case ExceptionClass::software_breakpoint: return {FaultKind::breakpoint, UserAddr(pc), UserAccess::execute};
    default: return {FaultKind::illegal_instruction, UserAddr(pc), UserAccess::execute};
    }
}

// Apart from system calls, which need none of its frame. Returns with interrupts on.
[[gnu::noinline]] void handle_user_fault(UserRegisters& registers, Syndrome syndrome)
{
    const auto fault = user_fault(syndrome, read_fault_address(), registers.pc);
    enable_interrupts();
    traps::handle_user_fault(registers, fault);
}

const char* describe(Syndrome syndrome, u64 address)
{
    switch (syndrome.exception_class()) {
    case ExceptionClass::data_abort_kernel:
        if (syndrome.is_permission_fault() && address < layout::user_end)
            return "user memory touched outside the copies";
        if (syndrome.is_page_fault())
            return address < page_size ? "null pointer used in the kernel" : "bad address used in the kernel";
        return "memory error in the kernel";
    case ExceptionClass::instruction_abort_kernel: return "jump to a bad address in the kernel";
    case ExceptionClass::software_breakpoint: return "breakpoint instruction in the kernel";
    case ExceptionClass::pc_alignment:
    case ExceptionClass::stack_alignment: return "misaligned pc or stack in the kernel";
    default: return "undefined instruction in the kernel";
    }
}

[[noreturn]] void report(const UserRegisters& registers, std::string_view reason)
{
    panic_with_registers(FixedText<160>("{}: address {:#x}, syndrome {:#x}", reason, read_fault_address(),
                                        read_syndrome().value)
                             .view(),
                         registers);
}

void write_place(TextSink& sink, u64 address)
{
    format_to(sink, "{:#x}", address);
    if (const auto symbol = kallsyms::find(address))
        format_to(sink, " ({}+{:#x})", symbol->name, address - symbol->address);
    else if (const auto found = kallsyms::find_in_modules(address))
        format_to(sink, " ({}+{:#x} of module {})", found->name, address - found->address, found->module);
}

// The pc is where the branch led. Where it stands is known of calls only, by their return address: no frame has it.
[[noreturn]] void report_branch(const UserRegisters& registers)
{
    const bool is_call = (registers.pstate >> 10 & 3) == 2;  // SPSR_EL1.BTYPE, Arm ARM D8.4.6
    FixedText<400> reason("branch target exception: indirect {} to ", is_call ? "call" : "jump");
    write_place(reason, registers.pc);
    reason.write(", which is no landing pad");
    if (is_call) {
        reason.write(", from ");
        write_place(reason, registers.x[30] - 4);
    }
    panic_with_registers(reason.view(), registers);
}

extern "C" const std::byte user_copies_start[];
extern "C" const std::byte user_copies_end[];

// What may touch user memory: the copies, and LDTR* and STTR* of general registers, which have the rights of EL0 (Arm ARM C4.1.66).
bool is_user_access(u64 pc)
{
    if (pc >= reinterpret_cast<u64>(user_copies_start) && pc < reinterpret_cast<u64>(user_copies_end))
        return true;
    return (*KernelAddr(pc).pointer<const u32>() & 0x3f20'0c00) == 0x3800'0800;
}

// A fault of the kernel at a user address may be resolved, or ends the access at its fix-up. Other instructions than those
// have no business there, even where the page is: they end, whatever PAN says.
bool recover(UserRegisters& registers, Syndrome syndrome, u64 address)
{
    constexpr u64 interrupts_masked = 1 << 7;
    const auto fixup = exception_table::find(registers.pc);
    if (syndrome.exception_class() != ExceptionClass::data_abort_kernel || !fixup)
        return false;
    if (address < layout::user_end && (registers.pstate & interrupts_masked) == 0 && is_user_access(registers.pc)) {
        enable_interrupts();
        const bool resolved = traps::handle_user_access_fault(memory_fault(syndrome, address, false));
        disable_interrupts();
        if (resolved)
            return true;
    }
    registers.pc = *fixup;
    return true;
}

}  // namespace

extern "C" {

void handle_user_synchronous(UserRegisters& registers)
{
    long_calls::note_point();
    const Syndrome syndrome = read_syndrome();
    if (syndrome.exception_class() == ExceptionClass::system_call) [[likely]] {
        enable_interrupts();
        traps::handle_system_call(registers);
    } else {
        handle_user_fault(registers, syndrome);
    }
    if (!interrupts_enabled()) [[unlikely]]
        traps::report_held_spinlock();
    mask_interrupts();
    traps::prepare_return_to_user(registers);
}

void handle_user_interrupt(UserRegisters& registers)
{
    interrupt_controller::dispatch(InterruptedMode::user, registers);
    traps::prepare_return_to_user(registers);
}

// An asynchronous external abort: the access that caused it is unknown, so the program cannot go on.
void handle_user_system_error(UserRegisters& registers)
{
    enable_interrupts();
    traps::handle_user_fault(registers, {traps::FaultKind::bus_error, UserAddr(registers.pc), UserAccess::none});
    disable_interrupts();
    traps::prepare_return_to_user(registers);
}

void handle_user_unexpected(UserRegisters& registers)
{
    report(registers, "exception of an unexpected kind from user space");
}

void handle_kernel_synchronous(UserRegisters& registers)
{
    const Syndrome syndrome = read_syndrome();
    const u64 address = read_fault_address();
    if (recover(registers, syndrome, address)) [[likely]]
        return;
    if constexpr (shadow::is_kept)
        if (syndrome.exception_class() == ExceptionClass::fp_access) {
            report_bug_in("FP registers used outside their scope", registers);
            return fp_access::allow();
        }
    if (syndrome.exception_class() == ExceptionClass::branch_target)
        report_branch(registers);
    report(registers, describe(syndrome, address));
}

void handle_kernel_interrupt(UserRegisters& registers)
{
    interrupt_controller::dispatch(InterruptedMode::kernel, registers);
    if constexpr (shadow::is_kept)
        if (long_calls::note_interrupt())
            report_bug_in("call without a resched_point", registers);
}

void handle_kernel_system_error(UserRegisters& registers)
{
    report(registers, "system error (asynchronous abort)");
}

void handle_kernel_unexpected(UserRegisters& registers)
{
    report(registers, "exception of an unexpected kind");
}

void handle_stack_overflow(UserRegisters& registers, u64 stack_pointer)
{
    panic_with_registers(FixedText<80>("kernel stack overflow: stack pointer {:#x}", stack_pointer).view(), registers);
}

}  // extern "C"
}  // namespace tenon::arch
