#pragma once

namespace tenon::robust_list {

// Size of the head that set_robust_list(2) takes.
constexpr unsigned head_size = 24;

// Marks the locks on the calling thread's list of robust locks as left by a dead owner and wakes one waiter of each (Linux,
// Documentation/locking/robust-futex-ABI); the list is forgotten. For a thread that ends or executes a program. May block.
void release_locks();

}  // namespace tenon::robust_list
