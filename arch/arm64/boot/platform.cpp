#include "arch/arm64/boot/symbols.h"
#include "arch/arm64/interrupt/controller.h"
#include "arch/arm64/mm/asid.h"
#include "arch/arm64/smp/psci.h"
#include "arch/arm64/time/board_clock.h"
#include "arch/arm64/time/timer.h"
#include "kernel/arch.h"
#include "kernel/thread/cross_call.h"
#include <tenon/log.h>

namespace tenon::arch {
namespace {

// ID_AA64MMFR0_EL1.ASIDBits, Arm ARM D19.2.64.
asid::Width identifier_width()
{
    u64 features;
    asm("mrs %0, id_aa64mmfr0_el1" : "=r"(features));
    return ((features >> 4) & 0xf) != 0 ? asid::Width::bits_16 : asid::Width::bits_8;
}

}  // namespace

void initialise_platform()
{
    if (!psci::initialise())
        log::warning("psci", "the device tree names no PSCI: no further CPUs, no power-off");
    asid::initialise(identifier_width());
    UserPageTable::activate_none();
    interrupt_controller::initialise();
    cross_call::join();
    timer::initialise_cpu();
    board_clock::read();
}

KernelAddr boot_stack_top()
{
    return KernelAddr::of(::boot_stack_top);
}

}  // namespace tenon::arch
