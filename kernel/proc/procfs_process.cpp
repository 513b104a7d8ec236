#include "kernel/proc/procfs_process.h"

#include <array>
#include <charconv>

#include "kernel/fs/procfs/procfs.h"
#include "kernel/fs/procfs/sysctl.h"
#include "kernel/mm/allocation_failure.h"
#include "kernel/proc/process_table.h"

namespace tenon::procfs {

namespace {

void describe_name(TextSink& out, const Task& task, AddressSpace*)
{
    format_to(out, "{}\n", task.shown_thread()->name());
}

// Only by threads of the same process.
Result<> rename(const Task& task, std::string_view name)
{
    if (task.process.get() != &current_process())
        return fail(Errno::inval);
    const auto thread = task.shown_thread();
    LockGuard guard(process_table::lock);
    thread->set_name(name.substr(0, name.find('\0')));
    return {};
}

void describe_mappings(TextSink& out, const Task&, AddressSpace* memory)
{
    if (memory != nullptr)
        memory->describe(out);
}

// The strings on the stack, as the program may have changed them.
void describe_strings(TextSink& out, AddressSpace& memory, UserAddr start, UserAddr end)
{
    std::array<char, 256> buffer;
    while (start < end) {
        const auto part = std::span(buffer).first(std::min<u64>(buffer.size(), end - start));
        if (!memory.read_bytes(std::as_writable_bytes(part), start))
            return;
        out.write({part.data(), part.size()});
        start += part.size();
    }
}

void describe_arguments(TextSink& out, const Task&, AddressSpace* memory)
{
    if (memory != nullptr)
        describe_strings(out, *memory, memory->strings().arguments, memory->strings().environment);
}

void describe_environment(TextSink& out, const Task&, AddressSpace* memory)
{
    if (memory != nullptr)
        describe_strings(out, *memory, memory->strings().environment, memory->strings().end);
}

// Only the thread itself writes and reads it.
void describe_module_error(TextSink& out, const Task& task, AddressSpace*)
{
    const UserThread& caller = current_user_thread();
    const bool is_own = task.process.get() == caller.process() && (!task.thread || task.thread.get() == &caller);
    if (is_own && caller.module_error)
        format_to(out, "{}\n", caller.module_error->view());
}

void describe_personality(TextSink& out, const Task& task, AddressSpace*)
{
    format_to(out, "{:08x}\n", task.process->personality.load(std::memory_order_relaxed));
}

Result<> require_own_thread(const Task& task)
{
    return task.shown_thread().get() == &arch::current_thread() ? Result<>() : fail(Errno::perm);
}

void describe_failing_allocation(TextSink& out, const Task& task, AddressSpace*)
{
    if (require_own_thread(task))
        format_to(out, "{}\n", allocation_failure::left());
}

Result<> set_failing_allocation(const Task& task, std::string_view text)
{
    TRY(require_own_thread(task));
    TRY(require(Capability::sys_resource));
    const i64 nth = TRY(sysctl::parse_number(text));
    if (nth < 0 || nth > 0x7fff'ffff)
        return fail(Errno::inval);
    allocation_failure::set(static_cast<u32>(nth));
    return {};
}

// Who may read the text of a file.
enum class Readers : u8 {
    by_mode,
    inspectors,  // also only those who may look into the process
};

struct TextEntry {
    std::string_view name;
    u32 permissions;
    Describe describe;
    Readers readers = Readers::by_mode;
    Result<> (*store)(const Task& task, std::string_view text) = nullptr;
};

constexpr std::array<TextEntry, 10> text_entries{{
    {"cmdline", 0444, describe_arguments},
    {"comm", 0644, describe_name, Readers::by_mode, rename},
    {"environ", 0400, describe_environment, Readers::inspectors},
    {"fail-nth", 0644, describe_failing_allocation, Readers::by_mode, set_failing_allocation},
    {"maps", 0444, describe_mappings, Readers::inspectors},
    {"module_error", 0400, describe_module_error},
    {"personality", 0400, describe_personality, Readers::inspectors},
    {"stat", 0444, describe_stat},
    {"statm", 0444, describe_statm},
    {"status", 0444, describe_status},
}};

class TaskFile final : public OwnedBy<pseudo::TextFile> {
public:
    TaskFile(pseudo::Tree& tree, Task task, const TextEntry& entry)
        : OwnedBy(task.process, tree, entry.permissions), task_(std::move(task)), entry_(entry)
    {
    }
    Result<std::unique_ptr<FileOperations>> open(u32 flags) override
    {
        if (entry_.readers == Readers::inspectors && !process_access::may_inspect(process()))
            return fail(Errno::acces);
        return TextFile::open(flags);
    }
    // Asked again at each reading: the process may have got rights since the file was opened.
    Result<> generate(TextSink& out) override
    {
        if (!task_.exists())
            return fail(Errno::srch);
        const auto memory = process().share_memory();
        if (entry_.readers == Readers::inspectors && !process_access::may_inspect(process(), memory.get()))
            return fail(Errno::acces);
        entry_.describe(out, task_, memory.get());
        return {};
    }
    Result<> store(std::string_view text) override
    {
        if (entry_.store == nullptr)
            return TextFile::store(text);
        if (!task_.exists())
            return fail(Errno::srch);
        return entry_.store(task_, text);
    }

private:
    Task task_;
    const TextEntry& entry_;
};

Path working_directory_of(const Process& process)
{
    const auto file_system = process.share_file_system();
    return file_system ? file_system->working_directory() : Path();
}

Path root_directory_of(const Process& process)
{
    const auto file_system = process.share_file_system();
    return file_system ? file_system->root_directory() : Path();
}

Path executable_of(const Process& process)
{
    return process.share_executable();
}

struct LinkEntry {
    std::string_view name;
    PathLink::Place place;
};

constexpr std::array<LinkEntry, 3> link_entries{{
    {"cwd", working_directory_of},
    {"exe", executable_of},
    {"root", root_directory_of},
}};

// What every process shares with /proc itself.
constexpr std::array<std::string_view, 2> shared_names{"mounts", "mountinfo"};
constexpr std::string_view descriptors_name = "fd";
constexpr std::string_view threads_name = "task";

template <typename T, typename... Args>
Result<Ref<Inode>> make_node(Args&&... args)
{
    auto node = adopt_ref(new (std::nothrow) T(std::forward<Args>(args)...));
    if (!node)
        return fail(Errno::nomem);
    return node;
}

class TaskDirectory final : public OwnedBy<pseudo::Node> {
public:
    TaskDirectory(pseudo::Tree& tree, Task task) : OwnedBy(task.process, tree, mode::directory | 0555), task_(std::move(task)) {}

    Result<Ref<Inode>> lookup(std::string_view name) override
    {
        for (const TextEntry& entry : text_entries)
            if (entry.name == name)
                return make_node<TaskFile>(tree(), task_, entry);
        for (const LinkEntry& entry : link_entries)
            if (entry.name == name)
                return make_node<PathLink>(tree(), task_.process, entry.place);
        if (name == descriptors_name)
            return make_descriptor_directory(tree(), task_.process);
        if (name == threads_name && !task_.thread)
            return make_thread_list(tree(), task_.process);
        for (const std::string_view shared : shared_names)
            if (name == shared)
                return root().lookup(shared);
        return fail(Errno::noent);
    }

    Result<> read_directory(u64 cookie, DirectorySink& sink) override
    {
        const usize total = text_entries.size() + link_entries.size() + shared_names.size() + (task_.thread ? 1 : 2);
        for (usize index = cookie; index < total; ++index)
            if (!emit(index, sink))
                break;
        return {};
    }

private:
    static bool emit(usize index, DirectorySink& sink)
    {
        const u64 next = index + 1;
        const u64 number = next;  // nodes are made when somebody looks: no lasting number exists
        if (index < text_entries.size())
            return sink.emit(text_entries[index].name, number, mode::regular, next);
        index -= text_entries.size();
        if (index < link_entries.size())
            return sink.emit(link_entries[index].name, number, mode::symlink, next);
        if (index == link_entries.size())
            return sink.emit(descriptors_name, number, mode::directory, next);
        index -= link_entries.size() + 1;
        if (index < shared_names.size())
            return sink.emit(shared_names[index], number, mode::regular, next);
        return sink.emit(threads_name, number, mode::directory, next);
    }

private:
    Task task_;
};

Task find_task(u32 id)
{
    LockGuard guard(process_table::lock);
    UserThread* thread = process_table::find_thread_locked(id);
    if (thread == nullptr)
        return {};
    Ref<Process> process(thread->process());
    const bool is_leader = process->id == id;
    return {.process = std::move(process), .thread = is_leader ? Ref<UserThread>() : Ref<UserThread>(thread)};
}

// The numbered entries of /proc. A cookie is the smallest id that may come next.
class Processes final : public pseudo::DynamicChildren {
public:
    Result<Ref<Inode>> lookup(std::string_view name) override
    {
        u32 id = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
        const bool is_number = error == std::errc() && end == name.data() + name.size() && name.front() != '0';
        // The id of a thread that is no leader is found, too, but not listed.
        auto task = is_number ? find_task(id) : Task();
        if (!task.process)
            return fail(Errno::noent);
        return make_node<TaskDirectory>(tree(), std::move(task));
    }

    Result<> read(u64 cookie, DirectorySink& sink) override
    {
        for (;;) {
            const auto process = process_table::at_or_after(static_cast<u32>(cookie));
            if (!process)
                return {};
            const FixedText<12> name("{}", process->id);
            cookie = u64{process->id} + 1;
            if (!sink.emit(name.view(), process->id, mode::directory, cookie))
                return {};
        }
    }
};

class SelfLink final : public pseudo::Link {
public:
    explicit SelfLink(pseudo::Tree& tree) : Link(tree) {}
    Result<> target(TextSink& out) override
    {
        format_to(out, "{}", current_process().id);
        return {};
    }
};

class ThreadSelfLink final : public pseudo::Link {
public:
    explicit ThreadSelfLink(pseudo::Tree& tree) : Link(tree) {}
    Result<> target(TextSink& out) override
    {
        format_to(out, "{}/task/{}", current_process().id, current_user_thread().id());
        return {};
    }
};

Processes processes;

}  // namespace

bool Task::exists() const
{
    LockGuard guard(process_table::lock);
    return process_table::find_locked(process->id) == process.get() &&
           (!thread || process_table::find_thread_locked(thread->id()) == thread.get());
}

Result<Ref<Inode>> make_task_directory(pseudo::Tree& tree, Task task)
{
    return make_node<TaskDirectory>(tree, std::move(task));
}

Result<> PathLink::target(TextSink& out)
{
    TRY(linked_place()).print(out);
    return {};
}

Result<Path> PathLink::linked_place()
{
    Path path = TRY(process_access::inspect(process(), [&](AddressSpace*) { return place_(process()); }));
    if (path.is_empty())
        return fail(Errno::noent);
    return path;
}

Result<> add_processes()
{
    root().set_dynamic(processes);
    auto self = TRY(make_node<SelfLink>(tree()));
    TRY(root().add("self", std::move(self)));
    auto thread_self = TRY(make_node<ThreadSelfLink>(tree()));
    return root().add("thread-self", std::move(thread_self));
}

}  // namespace tenon::procfs
