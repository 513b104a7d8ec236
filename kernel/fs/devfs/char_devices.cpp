#include "kernel/fs/devfs/char_devices.h"

#include "kernel/fs/caller.h"
#include "kernel/fs/devfs/devfs.h"
#include <tenon/module.h>

namespace tenon {
namespace {

// The majors 234..254 are Linux's range for devices without a number of their own.
constexpr u32 last_dynamic_major = 254;

struct Registered {
    Mutex mutex;
    boost::intrusive::list<CharDevice> devices;  // protected by mutex
};

// Made at its first use: global objects may register before this file's own ones exist.
Registered& registered()
{
    static Registered instance;
    return instance;
}

CharDevice* find_locked(DeviceNumber number)
{
    for (CharDevice& device : registered().devices)
        if (device.number == number)
            return &device;
    return nullptr;
}

CharDevice* find_driver_locked(std::string_view driver_name)
{
    for (CharDevice& device : registered().devices)
        if (device.driver_name.view() == driver_name)
            return &device;
    return nullptr;
}

bool is_major_used(u32 major)
{
    for (const CharDevice& device : registered().devices)
        if (device.number.major == major)
            return true;
    return false;
}

// The driver's major, or the highest free one, with the lowest free minor.
DeviceNumber choose_number(std::string_view driver_name)
{
    DeviceNumber number{last_dynamic_major, 0};
    if (const CharDevice* sibling = find_driver_locked(driver_name))
        number.major = sibling->number.major;
    else
        while (is_major_used(number.major))
            --number.major;
    while (find_locked(number) != nullptr)
        ++number.minor;
    return number;
}

Result<> enter(CharDevice& device, std::string_view driver_name)
{
    LockGuard guard(registered().mutex);
    if (device.number == DeviceNumber{})
        device.number = choose_number(driver_name);
    if (find_locked(device.number) != nullptr)
        return fail(Errno::exist);
    device.driver_name.clear();
    device.driver_name.write(driver_name);
    registered().devices.push_back(device);
    return {};
}

void leave(CharDevice& device)
{
    LockGuard guard(registered().mutex);
    registered().devices.erase(registered().devices.iterator_to(device));
}

}  // namespace

Result<> register_char_device(CharDevice& device, std::string_view driver_name, ModuleHandle* owner)
{
    device.owner = owner;
    TRY(enter(device, driver_name));
    const auto node = devfs::add_node(device.name(), mode::char_device, device.permissions, device.number);
    if (!node)
        leave(device);
    return node;
}

void unregister_char_device(CharDevice& device)
{
    devfs::remove_node(device.name());
    leave(device);
}

namespace char_devices {

// The pin keeps the device registered: its owner unregisters it only when nothing pins the owner any more.
Result<Opened> open(DeviceNumber number, u32 flags)
{
    Opened opened;
    CharDevice* device;
    {
        LockGuard guard(registered().mutex);
        device = find_locked(number);
        if (device == nullptr)
            return fail(Errno::nxio);
        opened.owner = TRY(caller::hold(device->owner, HolderKind::open_file, {"/dev/", device->name()}));
    }
    opened.operations = TRY(device->open(flags));
    return opened;
}

std::optional<DeviceNumber> next_number(std::optional<DeviceNumber> number)
{
    std::optional<DeviceNumber> next;
    LockGuard guard(registered().mutex);
    for (const CharDevice& device : registered().devices) {
        const u64 candidate = device.number.encode();
        if ((!number || candidate > number->encode()) && (!next || candidate < next->encode()))
            next = device.number;
    }
    return next;
}

std::optional<FixedText<64>> name_of(DeviceNumber number)
{
    LockGuard guard(registered().mutex);
    const CharDevice* const device = find_locked(number);
    return device == nullptr ? std::nullopt : std::optional(FixedText<64>("{}", device->name()));
}

void print_majors(TextSink& out)
{
    LockGuard guard(registered().mutex);
    for (const CharDevice& device : registered().devices) {
        const bool is_first = [&] {
            for (const CharDevice& other : registered().devices)
                if (other.number.major == device.number.major)
                    return &other == &device;
            return true;
        }();
        if (is_first)
            format_to(out, "{:3} {}\n", device.number.major, device.driver_name.view());
    }
}

}  // namespace char_devices
}  // namespace tenon
