#pragma once

#include <tenon/api.h>

// The error numbers of the Linux system-call interface (asm-generic/errno-base.h and errno.h
// values for arm64 and x86-64). Only their numbers are visible to user space.

namespace tenon {

enum class Errno : int {
    perm = 1,
    noent = 2,
    srch = 3,
    intr = 4,
    io = 5,
    nxio = 6,
    too_big = 7,
    noexec = 8,
    badf = 9,
    child = 10,
    again = 11,
    nomem = 12,
    acces = 13,
    fault = 14,
    notblk = 15,
    busy = 16,
    exist = 17,
    xdev = 18,
    nodev = 19,
    notdir = 20,
    isdir = 21,
    inval = 22,
    nfile = 23,
    mfile = 24,
    notty = 25,
    txtbsy = 26,
    fbig = 27,
    nospc = 28,
    spipe = 29,
    rofs = 30,
    mlink = 31,
    pipe = 32,
    dom = 33,
    range = 34,
    deadlk = 35,
    nametoolong = 36,
    nolck = 37,
    nosys = 38,
    notempty = 39,
    loop = 40,
    nodata = 61,
    time = 62,
    nolink = 67,
    proto = 71,
    badmsg = 74,
    overflow = 75,
    libbad = 80,
    opnotsupp = 95,
    timedout = 110,
    already = 114,
    stale = 116,
    uclean = 117,
    nokey = 126,
    keyrejected = 129,

    // Never reach user space: they steer the system-call exit path.
    restart = 512,         // restart the call unless a handler without SA_RESTART ran
    restart_nohand = 514,  // restart the call only when no handler ran
    restart_block = 516,   // as restart_nohand, by restart_syscall(2)
};

// The symbolic name ("ENOENT"), for log lines; "E?" for a value not listed above.
TENON_API const char* errno_name(Errno error);

}  // namespace tenon
