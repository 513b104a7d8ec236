#include "kernel/dev/driver_core.h"

#include <algorithm>

#include "kernel/dev/device_files.h"
#include "kernel/lib/panic.h"
#include <tenon/log.h>

namespace tenon {
namespace {

struct State {
    Spinlock lock;  // protects both lists and the private members of Device
    boost::intrusive::list<Device> devices;
    boost::intrusive::list<Driver> drivers;
    WaitQueue idle;  // a device stopped being busy
};

State state;

}  // namespace

DriverBinding::~DriverBinding() = default;
Device::~Device() = default;

// The modalias holds every compatible string behind a 'C'.
bool Device::is_compatible(std::string_view compatible) const
{
    const FixedText<96> wanted("C{}", compatible);
    const std::string_view alias = modalias();
    for (usize at = alias.find(wanted.view()); at != alias.npos; at = alias.find(wanted.view(), at + 1)) {
        const usize end = at + wanted.size();
        if (end == alias.size() || alias[end] == 'C')
            return true;
    }
    return false;
}

// The caller has claimed the device for the driver (busy_). Whether it is attached now.
bool DriverCore::probe(Device& device, Driver& driver)
{
    auto binding = driver.probe(device);
    if (!binding && binding.error() != Errno::nodev)
        log::warning("driver", "{}: {} failed to attach: {}", device.name(), driver.name(), binding.error());
    const bool attached = binding.has_value();
    {
        LockGuard guard(state.lock);
        device.busy_ = false;
        if (attached)
            device.binding_ = std::move(*binding);
        else
            device.driver_ = nullptr;
    }
    state.idle.wake_all();
    return attached;
}

// The caller has claimed the device (busy_).
void DriverCore::detach(Device& device)
{
    device.binding_.reset();
    {
        LockGuard guard(state.lock);
        device.busy_ = false;
        device.driver_ = nullptr;
    }
    state.idle.wake_all();
}

// The next free device behind `after` (from the start when null) that the driver matches, claimed for it. Devices are never
// removed, so the place in the list stays valid without the lock.
Device* DriverCore::claim_next(Driver& driver, Device* after)
{
    LockGuard guard(state.lock);
    auto next = after == nullptr ? state.devices.begin() : std::next(state.devices.iterator_to(*after));
    for (; next != state.devices.end(); ++next) {
        if (next->driver_ != nullptr || !driver.matches(*next))
            continue;
        next->driver_ = &driver;
        next->busy_ = true;
        return &*next;
    }
    return nullptr;
}

void DriverCore::add_device(std::unique_ptr<Device> owned)
{
    Device& device = *owned.release();
    if (const auto files = create_device_files(device); !files)
        log::warning("driver", "{}: no files below /sys/devices: {}", device.name(), files.error());
    Driver* driver = nullptr;
    {
        LockGuard guard(state.lock);
        state.devices.push_back(device);
        for (Driver& candidate : state.drivers) {
            if (!candidate.matches(device))
                continue;
            driver = &candidate;
            device.driver_ = driver;
            device.busy_ = true;
            break;
        }
    }
    if (driver != nullptr)
        probe(device, *driver);
}

Result<> DriverCore::add_driver(Driver& driver, ModuleHandle* owner)
{
    driver.owner = owner;
    {
        LockGuard guard(state.lock);
        for (const Driver& other : state.drivers)
            if (other.name() == driver.name())
                return fail(Errno::exist);
        state.drivers.push_back(driver);
    }
    for (Device* device = claim_next(driver, nullptr); device != nullptr; device = claim_next(driver, device))
        probe(*device, driver);
    return {};
}

// A device that the driver is attached to, claimed for detaching; null when there is none left.
Device* DriverCore::claim_attached(Driver& driver)
{
    Device* mine = nullptr;
    const auto look = [&] {
        LockGuard guard(state.lock);
        const auto found = std::find_if(state.devices.begin(), state.devices.end(),
                                        [&](const Device& device) { return device.driver_ == &driver; });
        mine = found != state.devices.end() ? &*found : nullptr;
        if (mine == nullptr)
            return true;
        return !std::exchange(mine->busy_, true);
    };
    expect(state.idle.wait_until(Interruptible::no, look).has_value(), "uninterruptible wait was interrupted");
    return mine;
}

// Off the list first, so that no new device comes to it; then each of its devices, waiting for a probe under way.
void DriverCore::remove_driver(Driver& driver)
{
    {
        LockGuard guard(state.lock);
        state.drivers.erase(state.drivers.iterator_to(driver));
    }
    while (Device* device = claim_attached(driver))
        detach(*device);
}

Result<> register_driver(Driver& driver, ModuleHandle* owner)
{
    return DriverCore::add_driver(driver, owner);
}

void unregister_driver(Driver& driver)
{
    DriverCore::remove_driver(driver);
}

}  // namespace tenon
