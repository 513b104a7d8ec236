#pragma once

#include "kernel/mm/user_layout.h"

namespace tenon {

// Where the parts of one program begin that it does not place itself. Made anew by every execve, kept over fork.
struct UserPlacement {
    UserAddr stack_top = user_layout::stack_top;
    u64 stack_skip = 0;  // bytes between the strings and the words of the first stack frame: a multiple of 16 below the page size
    UserAddr map_top = user_layout::map_top;
    UserAddr program_base = user_layout::program_base;
    u64 break_gap = 0;  // between the program and its break

    struct Chance {
        u64 stack, skip, map, program, gap;  // any numbers
    };
    // As far as `kernel/randomize_va_space` allows, somewhere within the spreads of user_layout.
    static UserPlacement random(const Chance& chance);
};

// /proc/sys/kernel/randomize_va_space; values as on Linux.
enum class Randomisation : u8 { none = 0, all_but_break = 1, all = 2 };

namespace user_randomisation {

// `norandmaps` on the command line: none. Otherwise all.
void read_boot_arguments();
Randomisation get();
void set(Randomisation value);

}  // namespace user_randomisation

}  // namespace tenon
