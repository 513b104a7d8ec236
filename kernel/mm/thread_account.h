#pragma once

#include "kernel/mm/ledger.h"
#include "kernel/proc/thread.h"

namespace tenon::ledger {

// The account of the real user of a thread of a program, whoever asks. Every context.
Account& account_of(Thread& thread);

}  // namespace tenon::ledger
