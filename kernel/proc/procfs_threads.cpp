#include <charconv>

#include "kernel/proc/process_table.h"
#include "kernel/proc/procfs_process.h"

// /proc/PID/task: one directory for each thread.

namespace tenon::procfs {

namespace {

// The thread of the process with the smallest id that is not below `id`; empty at the end.
Ref<UserThread> thread_at_or_after(Process& process, u32 id)
{
    LockGuard guard(process_table::lock);
    UserThread* found = nullptr;
    const auto consider = [&](UserThread& thread) {
        if (thread.id() >= id && (found == nullptr || thread.id() < found->id()))
            found = &thread;
    };
    for (UserThread& thread : process.threads)
        consider(thread);
    consider(*process.leader);  // also when it has ended
    return Ref<UserThread>(found);
}

class ThreadDirectories final : public OwnedBy<pseudo::Node> {
public:
    ThreadDirectories(pseudo::Tree& tree, Ref<Process> process) : OwnedBy(std::move(process), tree, mode::directory | 0555) {}

    Result<Ref<Inode>> lookup(std::string_view name) override
    {
        u32 id = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
        const bool is_number = error == std::errc() && end == name.data() + name.size() && name.front() != '0';
        auto thread = is_number ? thread_at_or_after(process(), id) : Ref<UserThread>();
        if (!thread || thread->id() != id)
            return fail(Errno::noent);
        return make_task_directory(tree(), {.process = share_process(), .thread = std::move(thread)});
    }

    Result<> read_directory(u64 cookie, DirectorySink& sink) override
    {
        for (;;) {
            const auto thread = thread_at_or_after(process(), static_cast<u32>(cookie));
            if (!thread)
                return {};
            const FixedText<12> name("{}", thread->id());
            cookie = u64{thread->id()} + 1;
            if (!sink.emit(name.view(), thread->id(), mode::directory, cookie))
                return {};
        }
    }
};

}  // namespace

Result<Ref<Inode>> make_thread_list(pseudo::Tree& tree, Ref<Process> process)
{
    auto list = adopt_ref(new (std::nothrow) ThreadDirectories(tree, std::move(process)));
    if (!list)
        return fail(Errno::nomem);
    return list;
}

}  // namespace tenon::procfs
