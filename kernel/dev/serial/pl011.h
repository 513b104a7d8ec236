#pragma once

namespace tenon::pl011 {

// Registers the driver of the PL011 serial ports. Each port becomes a terminal; the one that the boot loader named as the
// console takes the log over from the early console.
void initialise();

}  // namespace tenon::pl011
