#pragma once

#include "kernel/lib/address.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"

// The kernel's own page tables. Every change is visible on all CPUs (TLB invalidated) when the function returns.
// Usable wherever blocking is not required; a spinlock inside.

namespace tenon::kernel_map {

enum class Access : u8 {
    read_only,     // never executable
    read_write,    // never executable
    read_execute,  // never writable; where arch::guards_branches(), indirect branches may lead to landing pads only
    read_execute_unguarded,  // the same for code without landing pads: any instruction may be branched to
    device,        // read-write, nGnRE
};

constexpr bool is_executable(Access access)
{
    return access == Access::read_execute || access == Access::read_execute_unguarded;
}

// Maps frames [physical, +size) at [virtual_address, +size); page multiples, not mapped before. Errno::nomem for tables.
Result<> map(KernelAddr virtual_address, PhysAddr physical, u64 size, Access access);
// Maps the frames behind [original, +size), which are mapped, once more at [virtual_address, +size).
Result<> map_alias(KernelAddr virtual_address, KernelAddr original, u64 size, Access access);
void unmap(KernelAddr virtual_address, u64 size);
// Changes the rights of mapped pages.
void protect(KernelAddr virtual_address, u64 size, Access access);
// The frame behind a mapped address and its rights; for tests, debugging and /proc.
struct Translation {
    PhysAddr physical;
    Access access;
};
Result<Translation> translate(KernelAddr virtual_address);

// Calls visit for every page that is mapped, in ascending order: all page tables are walked. For tests.
class PageVisitor {
public:
    virtual void visit(KernelAddr page, const Translation& translation) = 0;

protected:
    ~PageVisitor() = default;
};
void for_each_page(PageVisitor& visitor);

// Address ranges in the dynamic area, with an unmapped guard page on both sides. Page multiples.
Result<KernelAddr> reserve(u64 size);
void release(KernelAddr start, u64 size);

}  // namespace tenon::kernel_map
