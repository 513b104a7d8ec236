#include "kernel/debug/panic_report.h"
#include "kernel/debug/taint.h"
#include "kernel/fs/procfs/sysctl.h"
#include "kernel/thread/scheduler.h"

namespace tenon::sysctl {

Result<> add_panic_values()
{
    constexpr Number delay{.get = [] { return i64{panic_delay()}; },
                           .set =
                               [](i64 seconds) {
                                   set_panic_delay(static_cast<int>(seconds));
                                   return Result<>();
                               },
                           .minimum = -1,
                           .maximum = 0x7fff'ffff};
    TRY(add_number("kernel/panic", delay));
    constexpr Number tainted{.get = [] { return static_cast<i64>(taint::bits()); },
                             .set =
                                 [](i64 bits) {
                                     taint::add_bits(static_cast<u64>(bits));  // what is known is not forgotten
                                     return Result<>();
                                 }};
    TRY(add_number("kernel/tainted", tainted));
    TRY(add_number("kernel/watchdog_thresh", {.get = [] { return i64{scheduler::watchdog_seconds()}; },
                                              .set =
                                                  [](i64 seconds) {
                                                      scheduler::set_watchdog_seconds(static_cast<u32>(seconds));
                                                      return Result<>();
                                                  },
                                              .minimum = 0,
                                              .maximum = 60}));
    return add_number("kernel/panic_on_oops", {.get = [] { return i64{1}; }});  // the kernel survives no fault of its own
}

}  // namespace tenon::sysctl
