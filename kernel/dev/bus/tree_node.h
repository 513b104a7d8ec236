#pragma once

#include <optional>
#include <string_view>

#include "kernel/lib/address.h"
#include "kernel/lib/text.h"

namespace tenon::device_tree {

// What a driver needs to know of one node (Devicetree Specification 0.4, section 2.3): a child of the root that is enabled,
// has registers and a compatible string.
struct Node {
    FixedText<47> name;                    // "a003e00.virtio_mmio": address and name, as in Linux's /sys/devices
    FixedText<191> modalias;               // "of:Nvirtio_mmioT(null)Cvirtio,mmio"
    PhysAddr registers;
    usize register_size = 0;
    std::optional<u32> interrupt;          // the interrupt controller's number

    // Nothing when the node at that offset is none of these.
    static std::optional<Node> read(const void* blob, int offset);
};

}  // namespace tenon::device_tree
