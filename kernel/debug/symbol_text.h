#pragma once

#include "kernel/lib/text.h"

namespace tenon {

// Where code stands, for reports: "0xffff… name+0x12 [module]". Every context, no locks.
FixedText<192> symbol_text(u64 address);

}  // namespace tenon
