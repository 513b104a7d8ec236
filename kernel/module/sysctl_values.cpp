#include "kernel/fs/procfs/sysctl.h"
#include "kernel/module/module_system.h"

namespace tenon::sysctl {

Result<> add_module_values()
{
    return add_number("kernel/modules_disabled", {.get = [] { return i64{module_system::is_closed()}; },
                                                  .set =
                                                      [](i64) {
                                                          module_system::close();
                                                          return Result<>();
                                                      },
                                                  .minimum = 1,
                                                  .maximum = 1});
}

}  // namespace tenon::sysctl
