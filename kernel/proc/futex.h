#pragma once

#include <optional>

#include "kernel/lib/address.h"
#include "kernel/lib/result.h"
#include "kernel/thread/deadline.h"
#include <tenon/sync.h>

// Words in user memory that threads sleep on (futex(2)). A word in private memory is known by its address space and address, one in
// shared memory by the object behind it and its place there, so processes that map the same object meet and pages may move.

namespace tenon::futexes {

enum class Sharing : bool {
    by_process,  // FUTEX_PRIVATE_FLAG: nobody outside the address space uses the word
    by_memory,   // whoever maps the same object, if it is mapped shared
};

constexpr u32 all_bits = ~u32{0};

struct Word {
    UserPtr<u32> address;
    Sharing sharing = Sharing::by_process;
};

struct WaitRequest {
    Word word;
    u32 expected = 0;
    u32 bits = all_bits;  // not 0
    Deadline deadline;
};

// All for the calling thread's memory. Errno::inval for an address that is not aligned, fault for one that cannot be accessed.

// Sleeps while the word has the expected value. Errno::again when it has not, timedout, intr.
Result<> wait(const WaitRequest& request);
// How many of at most `count` sleepers that have one of `bits` it woke.
Result<u32> wake(const Word& word, u32 count, u32 bits = all_bits);

struct RequeueRequest {
    Word from;
    Word to;
    u32 wake_count = 0;
    u32 move_count = 0;
    std::optional<u32> expected;  // of `from`; Errno::again when it differs
};
// Wakes some and lets others sleep on another word; how many were woken or moved.
Result<u32> requeue(const RequeueRequest& request);

struct WakeOperation {
    Word first;
    u32 first_count = 0;
    Word second;
    u32 second_count = 0;
    u32 encoded = 0;  // what is done to the second word and when its sleepers are woken (FUTEX_OP)
};
// Changes the second word atomically, wakes sleepers of the first, and those of the second when its former value compares as wished.
// Errno::nosys for an unknown operation or comparison.
Result<u32> wake_after_operation(const WakeOperation& operation);

}  // namespace tenon::futexes
