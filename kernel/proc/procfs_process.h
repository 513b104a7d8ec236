#pragma once

#include "kernel/fs/pseudo/node.h"
#include "kernel/proc/process.h"
#include "kernel/proc/process_access.h"

// /proc/PID as ps, top, pidof and the like read it (formats: proc(5)).

namespace tenon::procfs {

// Adds /proc/PID and /proc/self to /proc.
Result<> add_processes();

// A node below /proc/PID: it belongs to whom the process acts for, and to root when the process is not to be looked into.
template <typename Base>
class OwnedBy : public Base {
public:
    template <typename... Args>
    explicit OwnedBy(Ref<Process> process, Args&&... args) : Base(std::forward<Args>(args)...), process_(std::move(process))
    {
    }
    InodeAttributes attributes() const override
    {
        InodeAttributes attributes = Base::attributes();
        const auto owner = process_access::owner_of_files(*process_, attributes.mode);
        attributes.uid = owner.uid;
        attributes.gid = owner.gid;
        return attributes;
    }
    Result<> set_mode(u32) override { return fail(Errno::perm); }  // not the owner's to give away

protected:
    Process& process() const { return *process_; }
    const Ref<Process>& share_process() const { return process_; }

private:
    Ref<Process> process_;
};

// The text of one file below /proc/PID. The process may be a zombie or gone: then what is known is printed.
using Describe = void (*)(TextSink& out, const Process& process);
void describe_stat(TextSink& out, const Process& process);
void describe_statm(TextSink& out, const Process& process);
void describe_status(TextSink& out, const Process& process);

// The node /proc/PID/fd. Errno::nomem.
Result<Ref<Inode>> make_descriptor_directory(pseudo::Tree& tree, Ref<Process> process);

// A link to where `place` of the process is now: exe, cwd, root. Only for those who may look into the process.
class PathLink final : public OwnedBy<pseudo::Link> {
public:
    PathLink(pseudo::Tree& tree, Ref<Process> process, Path Process::*place) : OwnedBy(std::move(process), tree), place_(place) {}
    Result<> target(TextSink& out) override;

private:
    Path Process::*place_;
};

}  // namespace tenon::procfs
