#include "kernel/dev/block/numbers.h"

namespace tenon::block {

constexpr u32 highest_dynamic_major = 254;

Numbers::Major* Numbers::find_or_make(std::string_view driver_name)
{
    Major* unused = nullptr;
    for (usize index = majors_.size(); index-- != 0;) {
        Major& major = majors_[index];
        if (major.disks.none())
            unused = &major;
        else if (major.name.view() == driver_name)
            return &major;
    }
    if (unused != nullptr) {
        unused->number = highest_dynamic_major - static_cast<u32>(unused - majors_.data());
        unused->name.clear();
        unused->name.write(driver_name);
    }
    return unused;
}

Result<DeviceNumber> Numbers::allocate(std::string_view driver_name)
{
    Major* major = find_or_make(driver_name);
    if (major == nullptr)
        return fail(Errno::nospc);
    for (u32 disk = 0; disk < disk_limit; ++disk) {
        if (major->disks[disk])
            continue;
        major->disks[disk] = true;
        return DeviceNumber{major->number, disk * minors_per_disk};
    }
    return fail(Errno::nospc);
}

void Numbers::release(DeviceNumber disk)
{
    majors_[highest_dynamic_major - disk.major].disks[disk.minor / minors_per_disk] = false;
}

}  // namespace tenon::block
