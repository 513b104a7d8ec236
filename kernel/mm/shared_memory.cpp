#include "kernel/mm/shared_memory.h"

#include <new>

#include "kernel/mm/memory_limits.h"

namespace tenon {

Result<Ref<SharedMemory>> SharedMemory::create(u64 pages)
{
    if (!memory_limits::is_plausible(pages))
        return fail(Errno::nomem);
    auto memory = adopt_ref(new (std::nothrow) SharedMemory(pages));
    if (!memory)
        return fail(Errno::nomem);
    return memory;
}

Result<PageRef> SharedMemory::page(u64 index)
{
    const auto guard = TRY(KillableLockGuard::take(mutex_));
    if (index >= count_)
        return fail(Errno::nxio);
    PageRef* const place = TRY(pages_.place(index));
    if (!*place)
        *place = TRY(ledger::allocate_page(ledger::Kind::shared_memory, frames::Zeroed::yes));
    return *place;
}

void SharedMemory::print_name(TextSink& out) const
{
    out.write("/dev/zero (deleted)");
}

}  // namespace tenon
