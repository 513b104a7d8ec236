#pragma once

#include "kernel/lib/result.h"

namespace tenon {

// Makes process 1, which runs the program that `rdinit=` or `init=` names, else /init, /sbin/init, /etc/init, /bin/init or
// /bin/sh, with /dev/console as its files. Kernel-command-line words that the kernel does not know become its arguments and
// environment. The root file system and the console are in place; panics (in the new process) when no program starts.
Result<> start_init();

}  // namespace tenon
