#pragma once

#include "kernel/arch.h"
#include "kernel/lib/result.h"
#include "kernel/proc/argument_stack.h"
#include "kernel/proc/process.h"

// execve: replaces the program of the calling process. Nothing of the old program is touched until the new one is complete; then its
// other threads are ended, and the calling one becomes the leader.

namespace tenon {

// The arguments and environment on their way to the new program, gathered in a stack in the order that execve wants: the
// file name, then the environment, then the arguments, each list from its last string to its first.
struct ProgramArguments {
    std::unique_ptr<ArgumentStack> stack;
    u64 argument_count = 0;
    u64 environment_count = 0;
};

// Which program.
struct ProgramPlace {
    Path path;
    std::string_view name;         // as the caller gave it, or /dev/fd/N: what the program and an interpreter of it are told
    bool is_name_lost = false;     // that name leads nowhere once the program runs: no use to an interpreter
};

// Errno::acces, noexec, libbad, noent, too_big, nomem… with the old program intact; success makes the registers those of the new
// program's start.
Result<> execute(Process& process, const ProgramPlace& place, ProgramArguments arguments, arch::UserRegisters& registers);

// The arguments of a program that the kernel starts itself.
Result<ProgramArguments> gather_arguments(std::string_view name, std::span<const std::string_view> arguments,
                                          std::span<const std::string_view> environment);
// The arguments of an execve system call.
Result<ProgramArguments> gather_user_arguments(std::string_view name, UserPtr<u64> arguments, UserPtr<u64> environment);

}  // namespace tenon
