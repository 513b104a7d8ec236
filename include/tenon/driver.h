#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include <boost/intrusive/list.hpp>

#include "kernel/lib/address.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include <tenon/api.h>
#include <tenon/sync.h>

// Devices are found by buses (the device tree: virtio-mmio slots and nodes with a `compatible` string), drivers match them
// by identity. Probing attaches a driver to a device; detaching undoes it.

namespace tenon {

class ModuleHandle;
class Driver;

// What a driver keeps per attached device; deleting it detaches. Its destructor must leave the device quiet.
class TENON_API DriverBinding : NoCopy {
public:
    virtual ~DriverBinding();
};

// One device. Owned by its bus, lives for ever once found (no hot unplug).
class TENON_API Device : public boost::intrusive::list_base_hook<>, NoCopy {
public:
    virtual ~Device();
    virtual std::string_view name() const = 0;      // "a003e00.virtio_mmio"
    // What drivers match: "virtio:d00000002v554D4551", "of:Npl011T(null)Carm,pl011Carm,primecell".
    virtual std::string_view modalias() const = 0;
    virtual PhysAddr registers() const = 0;
    virtual usize register_size() const = 0;
    virtual std::optional<u32> interrupt() const = 0;  // controller's number
    // Whether `compatible` is one of the strings of its device-tree node.
    bool is_compatible(std::string_view compatible) const;

private:
    friend class DriverCore;

    // All protected by the driver core's lock.
    Driver* driver_ = nullptr;                 // attached, or probing or detaching while busy_
    std::unique_ptr<DriverBinding> binding_;
    bool busy_ = false;                        // driver code is running for it without the lock
};

class TENON_API Driver : public boost::intrusive::list_base_hook<>, NoCopy {
public:
    virtual std::string_view name() const = 0;
    // Whether this driver handles such devices, by modalias or is_compatible(). Called with the core's lock held: must not
    // block or touch the device.
    virtual bool matches(const Device& device) const = 0;
    // Errno::nodev: not mine after all. May block.
    virtual Result<std::unique_ptr<DriverBinding>> probe(Device& device) = 0;

    ModuleHandle* owner = nullptr;  // set at registration

protected:
    ~Driver() = default;
};

// Probes every unclaimed device that matches, then keeps the driver for devices that appear later.
TENON_API Result<> register_driver(Driver& driver, ModuleHandle* owner);
// Detaches the driver from all its devices, whose bindings are deleted before it returns.
TENON_API void unregister_driver(Driver& driver);

}  // namespace tenon
