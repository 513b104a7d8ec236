#pragma once

#include "kernel/fs/pseudo/node.h"
#include "kernel/proc/process.h"
#include "kernel/proc/process_access.h"

// /proc/PID and /proc/PID/task/TID as ps, top, pidof and the like read them (formats: proc(5)).

namespace tenon::procfs {

// Adds /proc/PID, /proc/self and /proc/thread-self to /proc.
Result<> add_processes();
// And the files about processors and time.
Result<> add_system_files();

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

// Whose files these are: a process's as a whole, or those of one of its threads.
struct Task {
    Ref<Process> process;
    Ref<UserThread> thread;  // empty: the process

    Ref<UserThread> shown_thread() const { return thread ? thread : process->share_leader(); }
    bool exists() const;
};

// The text of one file of a task. The process may be a zombie or gone: then what is known is printed. `memory` is that of the program
// which is described, about which the right to read the file was asked; null when the process has ended.
using Describe = void (*)(TextSink& out, const Task& task, AddressSpace* memory);
void describe_stat(TextSink& out, const Task& task, AddressSpace* memory);
void describe_statm(TextSink& out, const Task& task, AddressSpace* memory);
void describe_status(TextSink& out, const Task& task, AddressSpace* memory);

// A directory with the files of a task; that of a process has `task`, the directory of its threads. Errno::nomem.
Result<Ref<Inode>> make_task_directory(pseudo::Tree& tree, Task task);
// The node /proc/PID/task. Errno::nomem.
Result<Ref<Inode>> make_thread_list(pseudo::Tree& tree, Ref<Process> process);

// The node /proc/PID/fd. Errno::nomem.
Result<Ref<Inode>> make_descriptor_directory(pseudo::Tree& tree, Ref<Process> process);

// A link to where `place` of the process is now: exe, cwd, root. Only for those who may look into the process.
class PathLink final : public OwnedBy<pseudo::Link> {
public:
    using Place = Path (*)(const Process& process);  // empty when there is none

    PathLink(pseudo::Tree& tree, Ref<Process> process, Place place) : OwnedBy(std::move(process), tree), place_(place) {}
    Result<> target(TextSink& out) override;
    // The place itself, whatever its name is by now. Errno::noent when there is none.
    Result<Path> linked_place() override;

private:
    Place place_;
};

}  // namespace tenon::procfs
