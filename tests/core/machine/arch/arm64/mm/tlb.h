#pragma once

// Found before arch/arm64/mm/tlb.h in this build.

namespace tenon::arch::tlb {

// The test's model of this CPU's translations forgets them all (tests/core/asid_test.cpp).
void invalidate_all_here();

}  // namespace tenon::arch::tlb
