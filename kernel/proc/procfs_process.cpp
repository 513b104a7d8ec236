#include "kernel/proc/procfs_process.h"

#include <array>
#include <charconv>

#include "kernel/fs/procfs/procfs.h"
#include "kernel/proc/process_table.h"

namespace tenon::procfs {

namespace {

void describe_name(TextSink& out, const Process& process)
{
    format_to(out, "{}\n", process.thread->name());
}

void describe_mappings(TextSink& out, const Process& process)
{
    if (const auto memory = process.share_memory())
        memory->describe(out);
}

// The strings on the stack, as the program may have changed them.
void describe_strings(TextSink& out, const Process& process, UserAddr start, UserAddr end)
{
    const auto memory = process.share_memory();
    std::array<char, 256> buffer;
    while (memory && start < end) {
        const auto part = std::span(buffer).first(std::min<u64>(buffer.size(), end - start));
        if (!memory->read_bytes(std::as_writable_bytes(part), start))
            return;
        out.write({part.data(), part.size()});
        start += part.size();
    }
}

void describe_arguments(TextSink& out, const Process& process)
{
    describe_strings(out, process, process.arguments_start, process.arguments_end);
}

void describe_environment(TextSink& out, const Process& process)
{
    describe_strings(out, process, process.environment_start, process.environment_end);
}

// Only the process itself writes and reads it.
void describe_module_error(TextSink& out, const Process& process)
{
    if (&process == &current_process() && process.module_error)
        format_to(out, "{}\n", process.module_error->view());
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
};

constexpr std::array<TextEntry, 8> text_entries{{
    {"cmdline", 0444, describe_arguments},
    {"comm", 0444, describe_name},
    {"environ", 0400, describe_environment, Readers::inspectors},
    {"maps", 0444, describe_mappings, Readers::inspectors},
    {"module_error", 0400, describe_module_error},
    {"stat", 0444, describe_stat},
    {"statm", 0444, describe_statm},
    {"status", 0444, describe_status},
}};

class ProcessFile final : public OwnedBy<pseudo::TextFile> {
public:
    ProcessFile(pseudo::Tree& tree, Ref<Process> process, const TextEntry& entry)
        : OwnedBy(std::move(process), tree, entry.permissions), entry_(entry)
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
        if (process_table::find(process().id) != share_process())
            return fail(Errno::srch);
        if (entry_.readers == Readers::inspectors && !process_access::may_inspect(process()))
            return fail(Errno::acces);
        entry_.describe(out, process());
        return {};
    }

private:
    const TextEntry& entry_;
};

struct LinkEntry {
    std::string_view name;
    Path Process::*place;
};

constexpr std::array<LinkEntry, 3> link_entries{{
    {"cwd", &Process::working_directory},
    {"exe", &Process::executable},
    {"root", &Process::root_directory},
}};

// What every process shares with /proc itself.
constexpr std::string_view mounts_name = "mounts";
constexpr std::string_view descriptors_name = "fd";

template <typename T, typename... Args>
Result<Ref<Inode>> make_node(Args&&... args)
{
    auto node = adopt_ref(new (std::nothrow) T(std::forward<Args>(args)...));
    if (!node)
        return fail(Errno::nomem);
    return node;
}

class ProcessDirectory final : public OwnedBy<pseudo::Node> {
public:
    ProcessDirectory(pseudo::Tree& tree, Ref<Process> process) : OwnedBy(std::move(process), tree, mode::directory | 0555) {}

    Result<Ref<Inode>> lookup(std::string_view name) override
    {
        for (const TextEntry& entry : text_entries)
            if (entry.name == name)
                return make_node<ProcessFile>(tree(), share_process(), entry);
        for (const LinkEntry& entry : link_entries)
            if (entry.name == name)
                return make_node<PathLink>(tree(), share_process(), entry.place);
        if (name == descriptors_name)
            return make_descriptor_directory(tree(), share_process());
        if (name == mounts_name)
            return root().lookup(mounts_name);
        return fail(Errno::noent);
    }

    Result<> read_directory(u64 cookie, DirectorySink& sink) override
    {
        constexpr usize total = text_entries.size() + link_entries.size() + 2;
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
        return sink.emit(mounts_name, number, mode::regular, next);
    }
};

// The numbered entries of /proc. A cookie is the smallest id that may come next.
class Processes final : public pseudo::DynamicChildren {
public:
    Result<Ref<Inode>> lookup(std::string_view name) override
    {
        u32 id = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), id);
        const bool is_number = error == std::errc() && end == name.data() + name.size() && name.front() != '0';
        auto process = is_number ? process_table::find(id) : Ref<Process>();
        if (!process)
            return fail(Errno::noent);
        return make_node<ProcessDirectory>(tree(), std::move(process));
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

Processes processes;

}  // namespace

Result<> PathLink::target(TextSink& out)
{
    if (!process_access::may_inspect(process()))
        return fail(Errno::acces);
    const Path path = process().share_path(place_);
    if (path.is_empty())
        return fail(Errno::noent);
    path.print(out);
    return {};
}

Result<> add_processes()
{
    root().set_dynamic(processes);
    auto self = TRY(make_node<SelfLink>(tree()));
    return root().add("self", std::move(self));
}

}  // namespace tenon::procfs
