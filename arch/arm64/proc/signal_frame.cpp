#include "arch/arm64/proc/signal_frame.h"

#include <cstring>
#include <memory>

#include "arch/arm64/proc/user_state.h"
#include "kernel/arch.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/signal_return.h"

namespace tenon::arch {

namespace {

// What a program may set in PSTATE: the condition flags. The rest means EL0, AArch64, nothing masked.
constexpr u64 pstate_user_bits = 0xf000'0000;

void fill_frame(SignalFrame& frame, const UserRegisters& registers, const SignalInfo& info, SignalSet former_mask,
                const SignalStack& stack)
{
    frame.info = info;
    frame.context.stack = stack;
    if (stack.flags != SignalStack::disabled)
        frame.context.stack.flags = stack.contains(registers.sp) ? SignalStack::on_stack : 0;
    frame.context.mask = former_mask;
    MachineContext& machine = frame.context.machine;
    const bool from_fault = synchronous_signals.contains(info.number) && info.code > 0;
    machine.fault_address = from_fault ? info.fields[0] : 0;
    std::memcpy(machine.x, registers.x, sizeof machine.x);
    machine.sp = registers.sp;
    machine.pc = registers.pc;
    machine.pstate = registers.pstate;
    FpState fp;
    save_fp_state(fp);
    machine.fp.header = {.magic = FpContext::magic, .size = sizeof(FpContext)};
    machine.fp.fpsr = fp.fpsr;
    machine.fp.fpcr = fp.fpcr;
    std::memcpy(machine.fp.v, fp.v, sizeof machine.fp.v);
}

}  // namespace

Result<> push_signal_frame(UserRegisters& registers, const SignalInfo& info, const SignalAction& action,
                           SignalSet former_mask, const SignalStack& stack, UserAddr trampoline)
{
    const bool switch_stack = (action.flags & SignalAction::on_alternate_stack) != 0 &&
                              stack.flags != SignalStack::disabled && !stack.contains(registers.sp);
    const u64 top = switch_stack ? stack.start + stack.size : registers.sp;
    if (top < sizeof(SignalFrame) + sizeof(FrameRecord) + 16)
        return fail(Errno::fault);
    const u64 record = align_down(top, 16) - sizeof(FrameRecord);
    const u64 start = record - sizeof(SignalFrame);

    // Too large for the kernel stack.
    const std::unique_ptr<SignalFrame> frame(new (std::nothrow) SignalFrame);
    if (!frame)
        return fail(Errno::nomem);
    fill_frame(*frame, registers, info, former_mask, stack);
    TRY(user::store(UserPtr<SignalFrame>(start), *frame));
    TRY(user::store(UserPtr<FrameRecord>(record), FrameRecord{.fp = registers.x[29], .lr = registers.x[30]}));

    const bool own_restorer = (action.flags & SignalAction::restorer_given) != 0;
    registers.x[0] = static_cast<u64>(info.number);
    registers.x[1] = start + offsetof(SignalFrame, info);
    registers.x[2] = start + offsetof(SignalFrame, context);
    registers.x[29] = record;
    registers.x[30] = own_restorer ? action.restorer : trampoline.value();
    registers.sp = start;
    registers.pc = action.handler;
    registers.pstate &= pstate_user_bits;
    return {};
}

Result<SignalReturn> pop_signal_frame(UserRegisters& registers)
{
    if (!is_aligned(registers.sp, 16))
        return fail(Errno::fault);
    const std::unique_ptr<SignalFrame> frame(new (std::nothrow) SignalFrame);
    if (!frame)
        return fail(Errno::nomem);
    TRY(user::copy_from(std::as_writable_bytes(std::span(frame.get(), 1)), UserAddr(registers.sp)));
    const MachineContext& machine = frame->context.machine;
    if (machine.fp.header.magic != FpContext::magic || machine.fp.header.size != sizeof(FpContext))
        return fail(Errno::inval);
    std::memcpy(registers.x, machine.x, sizeof machine.x);
    registers.sp = machine.sp;
    registers.pc = machine.pc;
    registers.pstate = machine.pstate & pstate_user_bits;
    FpState fp;
    fp.fpsr = machine.fp.fpsr;
    fp.fpcr = machine.fp.fpcr;
    std::memcpy(fp.v, machine.fp.v, sizeof fp.v);
    load_fp_state(fp);
    return SignalReturn{.mask = frame->context.mask, .stack = frame->context.stack};
}

}  // namespace tenon::arch
