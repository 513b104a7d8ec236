#pragma once

#include <string_view>

#include "kernel/fs/pseudo/node.h"

// /proc/sys. A value belongs to the part of the kernel that acts on it; that part registers it here at boot, by its path below
// /proc/sys. What cannot be changed, or has no effect here, is for reading only.
//
//     TRY(sysctl::add_number("kernel/pid_max", {.get = [] { return i64{max_id}; }}));

namespace tenon::sysctl {

struct Number {
    i64 (*get)();
    Result<> (*set)(i64 value) = nullptr;  // null: for reading only. Called with a value between the bounds
    i64 minimum = 0;
    i64 maximum = 0x7fff'ffff;
};

// A decimal number and a newline. Writing anything else is Errno::inval.
Result<> add_number(std::string_view path, const Number& number);
// Any text. Null: for reading, or for writing only.
using Generate = pseudo::FunctionFile::Generate;
using Store = pseudo::FunctionFile::Store;
Result<> add_text(std::string_view path, Generate generate, Store store = nullptr);

// The decimal number that `text` is, white space around it aside. Errno::inval.
Result<i64> parse_number(std::string_view text);

// Makes /proc/sys with the values of all parts; each part's own stand in its folder, in sysctl_values.cpp.
Result<> initialise();
Result<> add_file_values();     // kernel/fs
Result<> add_log_values();      // kernel/log
Result<> add_memory_values();   // kernel/mm
Result<> add_module_values();   // kernel/module
Result<> add_panic_values();    // kernel/debug
Result<> add_debug_values();    // kernel/debug/faults, in the debug kernel
Result<> add_process_values();  // kernel/proc
Result<> add_random_values();   // kernel/dev/random
Result<> add_system_names();    // kernel/proc/system_name.cpp

}  // namespace tenon::sysctl
