#pragma once

#include <memory>

#include "kernel/lib/text.h"
#include <tenon/driver.h>

// Brings devices and drivers together. Driver code that may block never runs with the core's lock held: a device is
// marked busy instead, and who wants a busy device waits for it.

namespace tenon {

class DriverCore {
public:
    // The device is there from now on; a registered driver that matches probes it before this returns.
    static void add_device(std::unique_ptr<Device> device);

    static Result<> add_driver(Driver& driver, ModuleHandle* owner);
    static void remove_driver(Driver& driver);

private:
    static bool probe(Device& device, Driver& driver);
    static void detach(Device& device);
    static Device* claim_next(Driver& driver, Device* after);
    static Device* claim_attached(Driver& driver);
};

}  // namespace tenon
