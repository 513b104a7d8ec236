#pragma once

#include "kernel/lib/types.h"

namespace tenon {

// Ends the calling process, all its threads. The status is as wait4 reports it.
[[noreturn]] void exit_with_code(int code);
[[noreturn]] void exit_by_signal(int number);

// Ends the calling thread alone, and the process with its last one. `code` is the process's when nobody ends it as a whole and the
// thread is the leader.
[[noreturn]] void exit_thread_with_code(int code);
// The same for a thread that was told to end.
[[noreturn]] void end_thread();

// What a thread leaves behind in memory that others may share when it ends or executes another program: releases its robust locks and
// clears the word of set_tid_address. May block.
void leave_user_memory();

}  // namespace tenon
