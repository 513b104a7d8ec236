#include "kernel/proc/exec.h"

#include <array>

#include "kernel/dev/random/random.h"
#include "kernel/proc/credential_rules.h"
#include "kernel/proc/exec_image.h"
#include "kernel/proc/exit.h"
#include "kernel/proc/memory_pressure.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/process_timers.h"
#include "kernel/proc/script_line.h"
#include "kernel/proc/signal.h"
#include "kernel/proc/thread_group.h"
#include "kernel/proc/unshare.h"

namespace tenon {

namespace {

constexpr unsigned max_scripts = 5;  // a script's interpreter may be a script
constexpr usize script_line_size = 256;
constexpr usize longest_name = 4096 + 24;  // /dev/fd/N before it

// Entries of the auxiliary vector (System V ABI; Linux include/uapi/linux/auxvec.h).
enum class Auxiliary : u64 {
    end = 0,
    headers = 3,
    header_size = 4,
    header_count = 5,
    page_size = 6,
    base = 7,
    flags = 8,
    entry = 9,
    user = 11,
    effective_user = 12,
    group = 13,
    effective_group = 14,
    platform = 15,
    capabilities = 16,
    clock_ticks = 17,
    secure = 23,
    random = 25,
    file_name = 31,
};
constexpr u64 clock_ticks_per_second = 100;

struct NewProgram {
    Ref<AddressSpace> memory;
    Ref<const Credentials> credentials;
    bool is_secure = false;  // has rights that the caller lacks
    bool is_dumpable = true;
    bool keeps_death_signal = true;  // PR_SET_PDEATHSIG: the parent may not signal who has other rights
    Path path;
    UserAddr entry;
    UserAddr stack;
};

// The strings that the program's own part of the auxiliary vector points to.
struct StackExtras {
    UserAddr platform;
    UserAddr random;
};

// Follows `#!` lines until a binary is found; each changes the arguments.
Result<ProgramFile> find_binary(const Path& base, const ProgramPlace& place, ProgramArguments& arguments)
{
    using Name = FixedText<longest_name>;
    const std::unique_ptr<Name> current(new (std::nothrow) Name);
    if (!current)
        return fail(Errno::nomem);
    current->write(place.name);
    for (unsigned depth = 0; depth <= max_scripts; ++depth) {
        auto file = TRY(depth == 0 ? open_program(place.path) : open_program(base, current->view()));
        std::array<char, script_line_size> start;
        const usize size = TRY(file.file->read_at(std::as_writable_bytes(std::span(start)), 0));
        const auto line = ScriptLine::parse(std::string_view(start.data(), size), size < start.size());
        if (!line)
            return file;
        if (depth == 0 && place.is_name_lost)
            return fail(Errno::noent);
        arguments.stack->pop_string();
        TRY(arguments.stack->push_string(current->view()));
        if (!line->argument.empty()) {
            TRY(arguments.stack->push_string(line->argument));
            ++arguments.argument_count;
        }
        TRY(arguments.stack->push_string(line->interpreter));
        ++arguments.argument_count;
        current->clear();
        current->write(line->interpreter);
    }
    return fail(Errno::loop);
}

Result<LoadedProgram> map_interpreter(AddressSpace& memory, const Path& base, const ProgramFile& file,
                                      const elf::Program& program)
{
    std::unique_ptr<char[]> name(new (std::nothrow) char[program.interpreter_size]);
    if (!name)
        return fail(Errno::nomem);
    const std::span bytes(name.get(), program.interpreter_size);
    const usize got = TRY(file.file->read_at(std::as_writable_bytes(bytes), program.interpreter_offset));
    if (got != bytes.size() || bytes.back() != '\0')
        return fail(Errno::noexec);
    const auto interpreter = TRY(open_program(base, name.get()));
    const auto layout = read_program(interpreter);
    if (!layout)
        return fail(layout.error() == Errno::noexec ? Errno::libbad : layout.error());
    auto loaded = map_program(memory, interpreter, *layout, Role::interpreter);
    interpreter.file->allow_writing();  // as on Linux, so that a library can be replaced in place
    return loaded;
}

class WordWriter {
public:
    WordWriter(ArgumentStack& stack, UserAddr position) : stack_(stack), position_(position) {}
    void write(u64 value)
    {
        stack_.store_word(position_, value);
        position_ += sizeof(u64);
    }
    void write(Auxiliary type, u64 value)
    {
        write(static_cast<u64>(type));
        write(value);
    }
    // The addresses of `count` strings that follow one another; returns where they end.
    UserAddr write_strings(UserAddr string, u64 count)
    {
        for (; count != 0; --count) {
            static_cast<void>(resched_point());
            write(string.value());
            string = stack_.after_string(string);
        }
        write(0);
        return string;
    }

private:
    ArgumentStack& stack_;
    UserAddr position_;
};

Result<StackExtras> push_extras(ArgumentStack& stack)
{
    StackExtras extras;
    TRY(stack.push_string("aarch64"));
    extras.platform = stack.position();
    std::array<std::byte, 16> bytes;
    random::fill(bytes);
    TRY(stack.push(bytes));
    extras.random = stack.position();
    return extras;
}

// What the program finds at its stack pointer: the counts, the pointers and the auxiliary vector.
Result<> build_stack(NewProgram& made, ProgramArguments& arguments, const elf::Program& program,
                     const LoadedProgram& loaded, const LoadedProgram* interpreter)
{
    ArgumentStack& stack = *arguments.stack;
    AddressSpace::Strings strings{.arguments = stack.position(), .environment = {}, .end = {}};
    const StackExtras extras = TRY(push_extras(stack));
    constexpr u64 auxiliary_count = 18;
    TRY(stack.reserve(made.memory->placement().stack_skip));
    const u64 words = 1 + arguments.argument_count + 1 + arguments.environment_count + 1 + 2 * auxiliary_count;
    made.stack = TRY(stack.reserve_words(words));
    WordWriter writer(stack, made.stack);
    writer.write(arguments.argument_count);
    strings.environment = writer.write_strings(strings.arguments, arguments.argument_count);
    strings.end = writer.write_strings(strings.environment, arguments.environment_count);
    made.memory->set_strings(strings);
    const Credentials& who = *made.credentials;
    writer.write(Auxiliary::headers, program.headers_address == 0 ? 0 : program.headers_address + loaded.offset);
    writer.write(Auxiliary::header_size, sizeof(elf::ProgramHeader));
    writer.write(Auxiliary::header_count, program.header_count);
    writer.write(Auxiliary::page_size, page_size);
    writer.write(Auxiliary::base, interpreter == nullptr ? 0 : interpreter->offset);
    writer.write(Auxiliary::flags, 0);
    writer.write(Auxiliary::entry, loaded.entry.value());
    writer.write(Auxiliary::user, who.user.real);
    writer.write(Auxiliary::effective_user, who.user.effective);
    writer.write(Auxiliary::group, who.group.real);
    writer.write(Auxiliary::effective_group, who.group.effective);
    writer.write(Auxiliary::platform, extras.platform.value());
    writer.write(Auxiliary::capabilities, arch::program_capabilities());
    writer.write(Auxiliary::clock_ticks, clock_ticks_per_second);
    writer.write(Auxiliary::secure, made.is_secure ? 1 : 0);
    writer.write(Auxiliary::random, extras.random.value());
    writer.write(Auxiliary::file_name, strings.end.value());
    writer.write(Auxiliary::end, 0);
    return {};
}

// Who the program acts for, and whether others of the same user may look into it.
Result<> give_rights(NewProgram& made, const ProgramFile& file)
{
    const Credentials& caller = current_credentials();
    const auto start = credential_rules::start_program(caller, file.set_user, file.set_group);
    made.credentials = TRY(Credentials::create(start.credentials));
    made.is_secure = start.is_secure;
    const bool changes_ids = start.credentials.user.effective != start.credentials.user.real ||
                             start.credentials.group.effective != start.credentials.group.real;
    const bool protects = credential_rules::protects_memory(caller, start.credentials);
    made.is_dumpable = file.is_readable && !changes_ids && !protects;
    made.keeps_death_signal = !made.is_secure && !protects;
    return {};
}

// Programs that get rights do not let their caller choose how easily they are attacked.
UserPlacement choose_placement(const Process& process, const NewProgram& made)
{
    const bool objects = (process.personality.load(std::memory_order_relaxed) & personality_flag::no_randomisation) != 0;
    if (objects && !made.is_secure)
        return {};
    UserPlacement::Chance chance;
    random::fill(std::as_writable_bytes(std::span(&chance, 1)));
    return UserPlacement::random(chance);
}

Result<NewProgram> make_program(Process& process, const ProgramPlace& place, ProgramArguments& arguments)
{
    const Path base = process.file_system->working_directory();
    auto file = TRY(find_binary(base, place, arguments));
    const auto program = TRY(read_program(file));
    NewProgram made;
    TRY(give_rights(made, file));
    const UserPlacement placement = choose_placement(process, made);
    made.memory = TRY(AddressSpace::create(placement));
    made.memory->set_dumpable(made.is_dumpable);
    arguments.stack->set_top(placement.stack_top);
    const auto loaded = TRY(map_program(*made.memory, file, program, Role::program));
    made.memory->initialise_break(loaded.end);
    made.entry = loaded.entry;
    std::optional<LoadedProgram> interpreter;
    if (program.interpreter_size != 0) {
        interpreter = TRY(map_interpreter(*made.memory, base, file, program));
        made.entry = interpreter->entry;
    }
    TRY(build_stack(made, arguments, program, loaded, interpreter ? &*interpreter : nullptr));
    TRY(arguments.stack->install(*made.memory, process.limits.values[ResourceLimits::stack].current));
    process.limits.apply_to(*made.memory);
    made.path = std::move(file.path);
    return made;
}

std::string_view last_component(std::string_view name)
{
    const auto slash = name.rfind('/');
    return slash == std::string_view::npos ? name : name.substr(slash + 1);
}

// What other processes share after clone(CLONE_FILES, CLONE_SIGHAND) is the program's alone from here on. So are directories and umask
// (CLONE_FS) when it gets rights: nobody moves a set-id program about. The process has one thread.
Result<> leave_others(Process& process, const NewProgram& made)
{
    TRY(unshare::files(process));
    if (made.is_secure)
        TRY(unshare::directories(process));
    return process.signals->reset_actions();
}

// From here on nothing can fail.
void commit(Process& process, std::string_view name, NewProgram made, arch::UserRegisters& registers)
{
    leave_user_memory();
    set_current_credentials(std::move(made.credentials));
    if (made.is_secure)
        process.personality.fetch_and(~personality_flag::no_randomisation);
    // The new memory comes last of what others look at through /proc/PID: it is what says whether they may, and what the former program had
    // open is not theirs to see.
    process.files->close_on_exec();
    process.set_executable(std::move(made.path));
    const Ref<AddressSpace> former = process.set_memory(made.memory);
    made.memory->activate();
    process.timers->remove_created();
    current_user_thread().signals.alternate_stack = {};
    current_user_thread().set_name(last_component(name));
    {
        LockGuard guard(process_table::lock);
        process.has_executed = true;
        if (!made.keeps_death_signal)
            process.parent_death_signal = 0;
        process.exit_signal = signal_number::child;
        // Another signal was agreed upon with the former program.
        for (Process& child : process.children)
            child.exit_signal = signal_number::child;
    }
    arch::reset_user_state();
    registers = arch::initial_user_registers(made.entry, made.stack);
    registers.system_call_number = ~u64{0};
    process.left_parents_memory.complete();
}

}  // namespace

Result<> execute(Process& process, const ProgramPlace& place, ProgramArguments arguments, arch::UserRegisters& registers)
{
    TRY(memory_pressure::require_growth());
    auto made = TRY(make_program(process, place, arguments));
    TRY(thread_groups::become_only_thread());
    if (!leave_others(process, made))
        exit_by_signal(signal_number::kill);  // the other threads are gone: there is no old program to return to
    commit(process, place.name, std::move(made), registers);
    return {};
}

}  // namespace tenon
