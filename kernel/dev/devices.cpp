#include "kernel/dev/devices.h"

#include "kernel/boot_info.h"
#include "kernel/dev/bus/device_tree.h"
#include "kernel/dev/serial/pl011.h"
#include "kernel/mm/layout.h"
#include <tenon/log.h>

namespace tenon::devices {

void initialise()
{
    pl011::initialise();
    const void* tree = layout::linear(boot_info().device_tree.start).pointer();
    if (const auto added = device_tree::add_devices(tree); !added)
        log::error("devices", "not all devices were found: {}", added.error());
}

}  // namespace tenon::devices
