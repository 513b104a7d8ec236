#include "kernel/proc/init.h"

#include <array>

#include "kernel/boot_info.h"
#include "kernel/command_line.h"
#include "kernel/lib/panic.h"
#include "kernel/proc/exec.h"
#include "kernel/proc/process_table.h"
#include "kernel/proc/signal.h"
#include "kernel/thread/scheduler.h"
#include <tenon/log.h>

namespace tenon {

namespace {

constexpr std::array<std::string_view, 5> usual_programs{"/init", "/sbin/init", "/etc/init", "/bin/init", "/bin/sh"};
constexpr usize max_words = 32;

// What Linux gives its init, and the words behind `--` on the command line.
struct InitWords {
    std::array<std::string_view, 2> environment{"HOME=/", "TERM=linux"};
    FixedText<BootInfo::command_line_max> text;               // of the words, one behind the other
    std::array<std::string_view, max_words + 1> arguments{};  // [0] is the program
    usize argument_count = 1;
};

void read_words(InitWords& words)
{
    command_line::InitWords line(boot_info().command_line.view());
    for (usize start = 0; line.next(words.text); start = words.text.size()) {
        if (words.argument_count == words.arguments.size()) {
            log::warning("init", "only the first {} arguments are passed on", max_words);
            return;
        }
        words.arguments[words.argument_count++] = words.text.view().substr(start);
    }
}

void open_console(Process& process)
{
    const auto console = vfs::open(process.file_system->root_directory(), "/dev/console", open_flag::read_write, 0);
    if (!console) {
        log::warning("init", "cannot open /dev/console: {}", console.error());
        return;
    }
    for (int descriptor = 0; descriptor < 3; ++descriptor)
        static_cast<void>(process.files->replace(descriptor, *console, false));
}

Result<> try_program(Process& process, InitWords& words, std::string_view name, arch::UserRegisters& registers)
{
    words.arguments[0] = name;
    ProgramPlace place;
    place.path = TRY(vfs::resolve(process.file_system->root_directory(), name, vfs::FollowLast::yes));
    place.name = name;
    auto arguments = TRY(gather_arguments(name, std::span(words.arguments).first(words.argument_count),
                                          words.environment));
    return execute(process, place, std::move(arguments), registers);
}

void run_init(void*)
{
    Process& process = current_process();
    open_console(process);
    InitWords words;
    read_words(words);
    arch::UserRegisters registers;
    auto wanted = boot_argument("rdinit");
    if (!wanted)
        wanted = boot_argument("init");
    if (wanted) {
        const auto started = try_program(process, words, *wanted, registers);
        if (started)
            arch::enter_user(registers);
        panic(FixedText<120>("cannot start {} as init: {}", *wanted, started.error()).view());
    }
    for (const std::string_view program : usual_programs) {
        const auto started = try_program(process, words, program, registers);
        if (started)
            arch::enter_user(registers);
        if (started.error() != Errno::noent)
            log::warning("init", "cannot start {}: {}", program, started.error());
    }
    panic("no init program found; try init=/bin/sh on the kernel command line");
}

}  // namespace

Result<> start_init()
{
    const auto process = TRY(Process::create());
    process->files = TRY(FileTable::create());
    auto actions = TRY(SignalActions::create());
    process->signals.reset(new (std::nothrow) SignalState(std::move(actions), process->threads));
    if (!process->signals)
        return fail(Errno::nomem);
    process->file_system = TRY(FileSystemContext::create(vfs::root(), vfs::root()));
    process->limits = ResourceLimits::initial();
    process->leader = TRY(UserThread::create("init", run_init, nullptr, *process));
    TRY(process_table::insert(*process));
    expect(process->id == 1, "init is not the first process");
    scheduler::start_thread(*process->leader);
    return {};
}

}  // namespace tenon
