#include "kernel/proc/unshare.h"

#include "kernel/proc/process_table.h"

namespace tenon::unshare {

Result<> files(Process& process)
{
    if (process.files->reference_count() == 1)
        return {};
    auto own = TRY(process.files->clone());
    const auto shared = process.set_files(std::move(own));
    return {};
}

Result<> directories(Process& process)
{
    if (process.file_system->reference_count() == 1)
        return {};
    auto own = TRY(process.file_system->clone());
    const auto shared = process.set_file_system(std::move(own));
    return {};
}

Result<> require_one_thread(Process& process)
{
    LockGuard guard(process_table::lock);
    if (process.threads.size() != 1)
        return fail(Errno::inval);
    return {};
}

}  // namespace tenon::unshare
