#pragma once

#include <type_traits>
#include <utility>

#include "kernel/lib/result.h"
#include "kernel/proc/credentials.h"
#include "kernel/proc/process.h"

// What the calling thread may do to other processes.

namespace tenon::process_access {

// kill(2). Usable under process_table::lock.
bool may_signal(const Process& target, int number);

// setpriority, sched_setscheduler, sched_setaffinity, ioprio_set: the target has the caller's effective user, or CAP_SYS_NICE.
bool may_schedule(const Process& target);

// prlimit64 of another process: all of the target's ids are the caller's real ones, or CAP_SYS_RESOURCE.
bool may_limit(const Process& target);

// Looking into the target's memory, files and environment, as ptrace(2) "Ptrace access mode checking" says for
// PTRACE_MODE_READ_FSCREDS: /proc/PID asks it.
bool may_inspect(const Process& target);

// Fetches something of a process for who may look into it: `fetch(memory)` returns it, without harm for who may not. Between a question
// and what follows the process may start a program that has rights; so what is fetched comes first, with the address space that stands
// for the program, and the question is about that one. Errno::acces; `memory` is empty in a process that has ended.
bool may_inspect(const Process& target, const AddressSpace* memory);
template <typename Fetch>
auto inspect(const Process& target, Fetch&& fetch) -> Result<std::invoke_result_t<Fetch, AddressSpace*>>
{
    const auto memory = target.share_memory();
    auto fetched = std::forward<Fetch>(fetch)(memory.get());
    if (!may_inspect(target, memory.get()))
        return fail(Errno::acces);
    return fetched;
}

// To whom the files of /proc/PID belong (proc(5)); `mode` is the file's.
struct Owner {
    u32 uid = 0;
    u32 gid = 0;
};
Owner owner_of_files(const Process& process, u32 mode);

}  // namespace tenon::process_access
