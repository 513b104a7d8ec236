#pragma once

#include <map>

#include "kernel/mm/ledger.h"

// What host tests have instead of the kernel's page allocator and ledger: frames are only counted, none can be allocated, and
// everything is booked to one account.

namespace tenon::test {

extern ledger::Account account;
extern std::map<u64, int> frame_holders;  // by address; frames without one are not in it

}  // namespace tenon::test
