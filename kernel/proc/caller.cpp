#include "kernel/fs/caller.h"

#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"

namespace tenon::caller {

Path root_directory()
{
    const Process* const process = arch::current_thread().process();
    return process == nullptr || !process->file_system ? Path() : process->file_system->root_directory();
}

Result<ModuleReference> hold(ModuleHandle* module, HolderKind kind, std::initializer_list<std::string_view> parts)
{
    if (module == nullptr)
        return ModuleReference();
    FixedText<128> subject;
    for (const std::string_view part : parts)
        subject.write(part);
    const Thread& thread = arch::current_thread();
    format_to(subject, " by {}", thread.name());
    if (thread.process() != nullptr)
        format_to(subject, ", pid {}", thread.process()->id);
    return ModuleReference::get(module, kind, subject.view());
}

u64 file_size_limit()
{
    const Process* const process = arch::current_thread().process();
    return process == nullptr ? ~u64{0} : process->limits.values[ResourceLimits::file_size].current;
}

void note_file_too_large()
{
    signals::send(current_process(), SignalInfo::kernel(signal_number::file_size));
}

void note_broken_pipe()
{
    signals::send(current_process(), SignalInfo::kernel(signal_number::pipe));
}

}  // namespace tenon::caller
