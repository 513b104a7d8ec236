#pragma once

#include "kernel/fs/pseudo/node.h"

// /proc: the tree that other parts hang their files into. Usable from initialise() on, before it is mounted.
//
//     TRY(procfs::root().add_file("uptime", 0444, [](TextSink& out) { … }));
//     procfs::root().set_dynamic(processes);        // /proc/PID

namespace tenon::procfs {

Result<> initialise();
pseudo::Tree& tree();
pseudo::Directory& root();

}  // namespace tenon::procfs
