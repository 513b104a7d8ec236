#pragma once

#include <array>
#include <bitset>
#include <optional>
#include <string_view>

#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include <tenon/fs.h>

namespace tenon::block {

// Device numbers: a major per driver name, counted down from 254 as Linux does for drivers without a fixed one, and sixteen
// minors per disk: the disk itself and its partitions 1..15. The caller serialises.
class Numbers {
public:
    static constexpr u32 minors_per_disk = 16;

    // Errno::nospc when the majors or the driver's minors are used up.
    Result<DeviceNumber> allocate(std::string_view driver_name);
    // The driver's line in /proc/devices goes with its last disk.
    void release(DeviceNumber disk);

    template <typename Visit>
    void for_each_major(Visit&& visit) const
    {
        for (const Major& major : majors_)
            if (major.disks.any())
                visit(major.number, major.name.view());
    }

private:
    static constexpr usize major_limit = 16;
    static constexpr usize disk_limit = 256;

    struct Major {
        u32 number = 0;
        FixedText<31> name;
        std::bitset<disk_limit> disks;
    };

    Major* find_or_make(std::string_view driver_name);

    std::array<Major, major_limit> majors_;
};

}  // namespace tenon::block
