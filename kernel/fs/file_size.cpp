#include "kernel/fs/file_size.h"

#include <algorithm>

#include "kernel/arch.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"

namespace tenon {
namespace {

constexpr u64 largest_offset = 0x7fff'ffff'ffff'ffff;
constexpr usize file_size_resource = 1;  // RLIMIT_FSIZE

// Of the calling process; a thread of the kernel has none.
u64 file_size_limit()
{
    const Process* const process = arch::current_thread().process();
    return process == nullptr ? largest_offset : process->limits.values[file_size_resource].current;
}

std::unexpected<Errno> refuse_excess()
{
    signals::send(current_process(), SignalInfo::kernel(signal_number::file_size));
    return fail(Errno::fbig);
}

}  // namespace

Result<u64> writable_size(u64 offset, u64 wanted)
{
    if (wanted == 0)
        return u64{0};
    const u64 limit = file_size_limit();
    if (offset >= limit)
        return refuse_excess();
    if (offset >= largest_offset)
        return fail(Errno::fbig);
    return std::min(wanted, std::min(limit, largest_offset) - offset);
}

Result<> require_size(u64 size)
{
    if (size <= file_size_limit())
        return {};
    return refuse_excess();
}

}  // namespace tenon
