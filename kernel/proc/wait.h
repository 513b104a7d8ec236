#pragma once

#include "kernel/lib/result.h"
#include "kernel/proc/process.h"

// Waiting for children: wait4 and waitid.

namespace tenon {

struct WaitRequest {
    enum class Which : u8 { any, id, group };

    Which which = Which::any;
    u32 id = 0;
    bool exited = true;
    bool stopped = false;
    bool continued = false;
    bool no_wait = false;  // WNOHANG
    bool keep = false;     // WNOWAIT: leave it waitable
    // Children are told apart by the signal that they send when they end: SIGCHLD, or another or none ("clone children").
    enum class Kind : u8 { plain, clone, all };  // nothing, __WCLONE, __WALL
    Kind kind = Kind::plain;
    bool own_thread = false;  // __WNOTHREAD: only children that the calling thread made
};

struct WaitReport {
    u32 id = 0;      // 0: nothing yet (WNOHANG)
    u32 user = 0;
    int status = 0;  // as wait4 stores it
    Process::Times times;
};

constexpr int status_continued = 0xffff;

// Errno::child when there is no such child, restart for a signal.
Result<WaitReport> wait_for_child(Process& parent, const WaitRequest& request);

}  // namespace tenon
