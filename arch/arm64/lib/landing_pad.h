#pragma once

// For assembly: how code begins that something other than a direct branch leads to (a pointer, a veneer of the module linker). BTI C (Arm ARM
// C6.2.41) accepts indirect calls, and indirect jumps through x16 and x17. By its hint number, because the assembler knows the name
// from Armv8.5 on; CPUs without FEAT_BTI do nothing here. `make lint` looks for what lacks it.

#define LANDING_PAD hint #34
