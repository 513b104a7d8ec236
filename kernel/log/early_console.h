#pragma once

#include <string_view>

#include "kernel/lib/address.h"

// Polled output to the PL011 that the boot loader set up: for the log until a driver takes over, and for a panic at any time.

namespace tenon::early_console {

// The registers stand at `registers` from now on; 0: there is no console.
void use(KernelAddr registers);
// Maps the registers for good.
void map(PhysAddr registers);
// Waits for room in the transmit FIFO; sends "\r\n" for "\n". Takes no lock.
void write(std::string_view text);

}  // namespace tenon::early_console
