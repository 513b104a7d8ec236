#pragma once

// Found before arch/arm64/processor.h in this build: nothing of the contract in kernel/arch.h is inline here. A kernel thread comes back
// from a switch on another host thread, so which CPU it is on must be asked anew by every call (tests/core/machine/cpu.cpp).
