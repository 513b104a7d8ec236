#pragma once

#include "kernel/fs/pseudo/node.h"
#include "kernel/proc/process.h"

// /proc/PID as ps, top, pidof and the like read it (formats: proc(5)).

namespace tenon::procfs {

// Adds /proc/PID and /proc/self to /proc.
Result<> add_processes();

// The text of one file below /proc/PID. The process may be a zombie or gone: then what is known is printed.
using Describe = void (*)(TextSink& out, const Process& process);
void describe_stat(TextSink& out, const Process& process);
void describe_statm(TextSink& out, const Process& process);
void describe_status(TextSink& out, const Process& process);

// The node /proc/PID/fd. Errno::nomem.
Result<Ref<Inode>> make_descriptor_directory(pseudo::Tree& tree, Ref<Process> process);

// A link to where `place` of the process is now: exe, cwd, root.
class PathLink final : public pseudo::Link {
public:
    PathLink(pseudo::Tree& tree, Ref<Process> process, Path Process::*place)
        : Link(tree), process_(std::move(process)), place_(place)
    {
    }
    Result<> target(TextSink& out) override;

private:
    Ref<Process> process_;
    Path Process::*place_;
};

}  // namespace tenon::procfs
