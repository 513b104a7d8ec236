#pragma once

namespace tenon::devices {

// Registers the drivers that are built in, then finds the machine's devices. After /dev exists; may block.
void initialise();

}  // namespace tenon::devices
