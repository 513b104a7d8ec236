#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "kernel/lib/address.h"
#include "kernel/lib/text.h"

namespace tenon {

// A handful of ranges without allocation; what does not fit is refused by add().
class RangeList {
public:
    static constexpr usize capacity = 32;

    bool add(PhysRange range)
    {
        if (count_ == capacity || range.size() == 0)
            return range.size() == 0;
        ranges_[count_++] = range;
        return true;
    }
    // Cuts `hole` out of every range; a piece that does not fit is dropped.
    void subtract(PhysRange hole);
    std::span<const PhysRange> all() const { return {ranges_.data(), count_}; }

private:
    std::array<PhysRange, capacity> ranges_{};
    usize count_ = 0;
};

// What the boot loader told us, read from the device tree once. Constant after start-up.
struct BootInfo {
    static constexpr usize command_line_max = 2048;

    RangeList memory;     // RAM
    RangeList reserved;   // RAM that is not ours to use: the image, the device tree, the initrd, firmware
    PhysRange image;      // the kernel, bss included
    PhysRange initrd;     // size 0: none; stays reserved until its consumer frees it
    PhysRange device_tree;
    PhysAddr console;     // registers of the UART of /chosen/stdout-path; 0: none
    FixedText<command_line_max> command_line;
    unsigned entry_level = 1;  // exception level
    u64 entry_counter = 0;     // arch::counter() at entry
};

const BootInfo& boot_info();

// command_line::find_parameter on the kernel's own command line.
std::optional<std::string_view> boot_argument(std::string_view name);

}  // namespace tenon
