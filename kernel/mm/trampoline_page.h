#pragma once

#include "kernel/mm/page_source.h"

namespace tenon {

// The one page with arch::signal_trampoline(), shared by all address spaces. Made at the first call.
Result<Ref<PageSource>> trampoline_page();

}  // namespace tenon
