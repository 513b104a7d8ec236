#include "kernel/syscall/memory.h"

#include "kernel/fs/file_pages.h"
#include "kernel/fs/mount.h"
#include "kernel/lib/checked.h"
#include "kernel/mm/address_space.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/shared_memory.h"
#include "kernel/proc/memory_pressure.h"
#include "kernel/proc/process.h"
#include "kernel/syscall/user_path.h"

namespace tenon::syscall {

namespace {

namespace map_flag {
constexpr u32 shared = 1;
constexpr u32 private_ = 2;
constexpr u32 shared_validate = 3;
constexpr u32 type_mask = 0xf;
constexpr u32 fixed = 0x10;
constexpr u32 anonymous = 0x20;
constexpr u32 grows_down = 0x100;
constexpr u32 locked = 0x2000;
constexpr u32 populate = 0x8000;
constexpr u32 nonblock = 0x1'0000;  // without MAP_POPULATE's effect
constexpr u32 huge_pages = 0x4'0000;
constexpr u32 fixed_no_replace = 0x10'0000;
// With MAP_SHARED_VALIDATE: those above and MAP_DENYWRITE to MAP_STACK, which are hints or long without a meaning.
constexpr u32 known = 0xf | fixed | anonymous | grows_down | 0x3f800 | fixed_no_replace;
}  // namespace map_flag

constexpr u32 access_bits = 7;             // PROT_READ, PROT_WRITE, PROT_EXEC have UserAccess's values
constexpr u32 ignored_access_bits = 0x30;  // PROT_BTI, PROT_MTE: hints here

Result<arch::UserAccess> access_of(u32 bits)
{
    if ((bits & ~(access_bits | ignored_access_bits)) != 0)
        return fail(Errno::inval);
    // Whatever is writable or executable can be read on this architecture's page tables.
    u32 access = bits & access_bits;
    if (access != 0)
        access |= static_cast<u32>(arch::UserAccess::read);
    return static_cast<arch::UserAccess>(access);
}

Result<u64> page_multiple(u64 size)
{
    const auto rounded = checked_align_up(size, page_size);
    if (!rounded)
        return fail(Errno::nomem);
    return *rounded;
}

bool is_page_start(UserAddr address)
{
    return is_aligned(address.value(), page_size);
}

Result<> use_file(AddressSpace::MapRequest& request, int descriptor, u64 offset)
{
    auto file = TRY(open_file(descriptor));
    if (!is_aligned(offset, page_size) || !checked_add(offset, request.size))
        return fail(Errno::inval);
    const bool writes_file = request.sharing == Sharing::shared && allows(request.access, arch::UserAccess::write);
    if (!file->is_readable() || (writes_file && !file->is_writable()))
        return fail(Errno::acces);
    const u32 type = file->inode().type();
    // What is written to the cached pages of a disk through a mapping would never get there.
    const bool is_disk = type == mode::block_device;
    if (type == mode::directory || type == mode::fifo || (is_disk && writes_file))
        return fail(Errno::nodev);
    if (request.sharing == Sharing::shared && !file->is_writable())
        request.may_access = arch::UserAccess::read | arch::UserAccess::execute;
    const bool may_run = (file->path().mount()->flags() & mount_flag::no_exec) == 0;
    if (!may_run && allows(request.access, arch::UserAccess::execute))
        return fail(Errno::perm);
    if (!may_run)
        request.may_access = static_cast<arch::UserAccess>(static_cast<u8>(request.may_access) &
                                                           ~static_cast<u8>(arch::UserAccess::execute));
    request.source = TRY(FilePages::create(std::move(file)));
    request.source_page = offset / page_size;
    return {};
}

Result<> check_flags(u32 flags)
{
    const u32 type = flags & map_flag::type_mask;
    if (type != map_flag::shared && type != map_flag::private_ && type != map_flag::shared_validate)
        return fail(Errno::inval);
    const bool is_anonymous = (flags & map_flag::anonymous) != 0;
    if (type == map_flag::shared_validate && is_anonymous)
        return fail(Errno::inval);
    if (type == map_flag::shared_validate && (flags & ~map_flag::known) != 0)
        return fail(Errno::opnotsupp);
    if ((flags & map_flag::grows_down) != 0 && type != map_flag::private_)
        return fail(Errno::inval);
    return (flags & map_flag::huge_pages) != 0 && is_anonymous ? fail(Errno::nomem) : Result<>();
}

}  // namespace

Result<u64> sys_brk(const Arguments& arguments)
{
    return TRY(current_process().memory->set_break(arguments.address(0))).value();
}

Result<u64> sys_mmap(const Arguments& arguments)
{
    const u32 flags = arguments.as_u32(3);
    const u32 type = flags & map_flag::type_mask;
    if (arguments[1] == 0)
        return fail(Errno::inval);
    TRY(check_flags(flags));
    TRY(memory_pressure::require_growth());
    AddressSpace::MapRequest request;
    request.size = TRY(page_multiple(arguments[1]));
    request.access = TRY(access_of(arguments.as_u32(2)));
    request.hint = arguments.address(0);
    request.sharing = type == map_flag::private_ ? Sharing::copy_on_write : Sharing::shared;
    if ((flags & (map_flag::fixed | map_flag::fixed_no_replace)) != 0) {
        if (!is_page_start(request.hint))
            return fail(Errno::inval);
        request.placement = (flags & map_flag::fixed_no_replace) != 0 ? AddressSpace::Placement::fixed_no_replace
                                                                      : AddressSpace::Placement::fixed;
    } else {
        request.hint = UserAddr(align_down(request.hint.value(), page_size));
    }
    if ((flags & map_flag::grows_down) != 0)
        request.grows_down = GrowsDown::yes;
    if ((flags & map_flag::locked) != 0) {
        TRY(current_process().memory->require_locking());
        request.locked = AddressSpace::Locked::yes;
    }
    if ((flags & map_flag::anonymous) == 0)
        TRY(use_file(request, arguments.as_int(4), arguments[5]));
    else if (request.sharing == Sharing::shared)
        request.source = TRY(SharedMemory::create(request.size / page_size));
    const auto mapped = TRY(current_process().memory->map(request));
    const bool wants_pages = (flags & map_flag::populate) != 0 && (flags & map_flag::nonblock) == 0;
    // The mapping stands, whatever comes of that.
    if (mapped.is_locked || wants_pages)
        static_cast<void>(current_process().memory->populate(mapped.start, request.size));
    return mapped.start.value();
}

Result<u64> sys_munmap(const Arguments& arguments)
{
    if (!is_page_start(arguments.address(0)) || arguments[1] == 0)
        return fail(Errno::inval);
    const u64 size = TRY(page_multiple(arguments[1]));
    const auto done = current_process().memory->unmap(arguments.address(0), size);
    if (!done)
        return fail(range_fits(arguments[0], size, layout::user_end) ? done.error() : Errno::inval);
    return 0;
}

Result<u64> sys_mremap(const Arguments& arguments)
{
    enum Flag : u32 { may_move = 1, fixed = 2, keep_old = 4 };
    const u32 flags = arguments.as_u32(3);
    if (!is_page_start(arguments.address(0)) || (flags & ~(may_move | fixed | keep_old)) != 0 || arguments[2] == 0 || arguments[1] == 0)
        return fail(Errno::inval);
    AddressSpace::RemapRequest request;
    request.old_start = arguments.address(0);
    request.old_size = TRY(page_multiple(arguments[1]));
    request.new_size = TRY(page_multiple(arguments[2]));
    request.may_move = (flags & may_move) != 0;
    request.keeps_old = (flags & keep_old) != 0;
    if ((flags & fixed) != 0)
        request.target = arguments.address(4);
    const bool sound = (request.may_move || (flags & (fixed | keep_old)) == 0) &&
                       (!request.keeps_old || request.old_size == request.new_size) && (!request.target || is_page_start(*request.target));
    if (!sound)
        return fail(Errno::inval);
    return TRY(current_process().memory->remap(request)).value();
}

Result<u64> sys_mprotect(const Arguments& arguments)
{
    if (!is_page_start(arguments.address(0)))
        return fail(Errno::inval);
    const auto access = TRY(access_of(arguments.as_u32(2)));
    const u64 size = TRY(page_multiple(arguments[1]));
    if (size != 0)
        TRY(current_process().memory->protect(arguments.address(0), size, access));
    return 0;
}

// Shared pages are the file's own, and no file that can be written through a mapping has another place: there is nothing to write
// back.
Result<u64> sys_msync(const Arguments& arguments)
{
    enum Flag : u32 { later = 1, invalidate = 2, now = 4 };
    const u32 flags = arguments.as_u32(2);
    TRY(require_only(later | invalidate | now, flags));
    if (!is_page_start(arguments.address(0)) || (flags & (later | now)) == (later | now))
        return fail(Errno::inval);
    const u64 size = TRY(page_multiple(arguments[1]));
    TRY(current_process().memory->require_mapped(arguments.address(0), size));
    return 0;
}

// Advice that changes nothing but the speed is taken without an effect; what would change the meaning and is not there is refused.
Result<u64> sys_madvise(const Arguments& arguments)
{
    enum Advice : u32 { normal, random, sequential, will_need, dont_need, dont_dump = 16, do_dump = 17, cold = 20, page_out = 21 };
    if (!is_page_start(arguments.address(0)))
        return fail(Errno::inval);
    const u64 size = TRY(page_multiple(arguments[1]));
    AddressSpace& memory = *current_process().memory;
    switch (arguments.as_u32(2)) {
    case dont_need:
        if (size != 0)
            TRY(memory.discard(arguments.address(0), size));
        return 0;
    case normal:
    case random:
    case sequential:
    case will_need:
    case dont_dump:
    case do_dump:
    case cold:
    case page_out: TRY(memory.require_mapped(arguments.address(0), size)); return 0;
    default: return fail(Errno::inval);
    }
}

}  // namespace tenon::syscall
