#include "arch/arm64/interrupt/controller.h"

#include "arch/arm64/boot/device_tree.h"
#include "arch/arm64/interrupt/gic.h"
#include "arch/arm64/interrupt/lines.h"
#include "arch/arm64/time/timer.h"
#include "kernel/dev/random/random.h"
#include "kernel/device_tree/fdt.h"
#include "kernel/lib/panic.h"
#include "kernel/thread/cross_call.h"
#include "kernel/thread/scheduler.h"

namespace tenon::arch {
namespace {

constinit InterruptController* controller = nullptr;
constinit std::array<InterruptCount, first_shared_interrupt> counts;

void handle(u32 number, InterruptedMode mode)
{
    const bool is_shared = number >= first_shared_interrupt;
    random::note_interrupt(number, is_shared ? random::FromDevice::yes : random::FromDevice::no);
    if (!is_shared)
        counts[number].add();
    if (number == virtual_timer_interrupt)
        timer::handle_interrupt(mode);
    else if (is_shared)
        interrupt_lines::handle(number);
    else if (number == static_cast<u32>(CpuSignal::call))
        cross_call::answer();
    else if (number == static_cast<u32>(CpuSignal::stop))
        halt();
    else if (number == static_cast<u32>(CpuSignal::reschedule))
        scheduler::answer_reschedule();
}

}  // namespace

namespace interrupt_controller {

void initialise()
{
    const void* tree = device_tree_blob();
    for (const char* compatible : {"arm,cortex-a15-gic", "arm,gic-400"})
        if (const int node = fdt::node_offset_by_compatible(tree, -1, compatible); node >= 0 && controller == nullptr)
            controller = make_gic_v2(tree, node);
    if (const int node = fdt::node_offset_by_compatible(tree, -1, "arm,gic-v3"); node >= 0 && controller == nullptr)
        controller = make_gic_v3(tree, node);
    expect(controller != nullptr, "the device tree names no usable interrupt controller");
    controller->initialise_cpu();
    interrupt_lines::initialise(*controller);
}

void initialise_cpu()
{
    controller->initialise_cpu();
}

const InterruptCount& count(u32 number)
{
    return counts[number];
}

void dispatch(InterruptedMode mode, const UserRegisters& interrupted)
{
    this_cpu().interrupted = &interrupted;
    for (u32 number = controller->acknowledge(); number < interrupt_limit; number = controller->acknowledge()) {
        handle(number, mode);
        controller->end(number);
    }
    this_cpu().interrupted = nullptr;
    if (mode == InterruptedMode::user)
        scheduler::note_interrupted_user();  // not before: a handler may be a module's
}

}  // namespace interrupt_controller

void send_reschedule(unsigned cpu)
{
    controller->signal(cpu, CpuSignal::reschedule);
}

void send_call(unsigned cpu)
{
    controller->signal(cpu, CpuSignal::call);
}

void stop_other_cpus()
{
    if (controller != nullptr)
        controller->signal_others(CpuSignal::stop);
}

}  // namespace tenon::arch
