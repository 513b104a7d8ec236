#pragma once

#include "kernel/lib/types.h"

namespace tenon::modload {

// The guards of function-local statics (Itanium C++ ABI 3.3.3): 64 bits, whose first byte compiled code looks at: not 0 once the object is
// there. The upper half is ours: it says that some thread is constructing the object. Block; no lock may be held that the constructor
// takes. A wait lasts as long as the constructor of the module that waits; it cannot be cut short, as there would be no object then.

// Whether the caller is to construct the object, and then to call one of the two below; else the object is there.
bool acquire_guard(u64& guard);
void release_guard(u64& guard);  // the object is there
void abort_guard(u64& guard);    // it is not: the next one tries

}  // namespace tenon::modload
