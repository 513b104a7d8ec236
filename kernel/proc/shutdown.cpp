#include "kernel/proc/shutdown.h"

#include "kernel/arch.h"
#include "kernel/log/ring.h"
#include <tenon/log.h>

namespace tenon::shutdown {

namespace {

// Commands of reboot(2), include/uapi/linux/reboot.h.
enum class Command : u32 {
    restart = 0x0123'4567,
    halt = 0xcdef'0123,
    power_off = 0x4321'fedc,
    restart_with_text = 0xa1b2'c3d4,
    control_alt_delete_on = 0x89ab'cdef,
    control_alt_delete_off = 0,
};

// Printed at every console level: it is the last thing that the system says.
void announce(std::string_view text)
{
    log::write(log::Severity::emergency, "", text);
    log::finish_printing();
}

}  // namespace

Result<> request(u32 command)
{
    switch (static_cast<Command>(command)) {
    case Command::control_alt_delete_on:
    case Command::control_alt_delete_off: return {};
    case Command::restart:
    case Command::restart_with_text: announce("restarting"); arch::restart();
    case Command::halt:
        announce("system halted");
        arch::disable_interrupts();
        arch::halt();
    case Command::power_off: announce("power down"); arch::power_off();
    }
    return fail(Errno::inval);
}

}  // namespace tenon::shutdown
