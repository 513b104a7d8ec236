#pragma once

#include <atomic>
#include <optional>
#include <span>

#include "kernel/arch.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include "kernel/mm/ledger.h"
#include "kernel/mm/region_set.h"
#include "kernel/mm/user_placement.h"
#include <tenon/page.h>
#include <tenon/sync.h>

namespace tenon {

// User memory of a process: regions and their page tables. Demand-paged, copy-on-write. Every mapped page holds one count of
// its frame; a private page is writable only while its frame has no other holder.
class AddressSpace final : public RefCounted {
public:
    // Empty but for the page that signal handlers return through.
    static Result<Ref<AddressSpace>> create(const UserPlacement& placement);
    ~AddressSpace();

    const UserPlacement& placement() const { return placement_; }
    UserAddr trampoline() const { return trampoline_; }

    // The copy for fork: private pages become copy-on-write on both sides.
    Result<Ref<AddressSpace>> clone();

    enum class Locked : bool { no, yes };
    enum class Placement : u8 {
        anywhere,          // the hint is a wish
        fixed,             // exactly there, replacing what is there
        fixed_no_replace,  // exactly there; Errno::exist
    };
    struct MapRequest {
        UserAddr hint;  // page aligned
        u64 size = 0;   // page multiple, not 0
        Placement placement = Placement::anywhere;
        arch::UserAccess access = arch::UserAccess::none;
        arch::UserAccess may_access = any_access;  // the most that protect() can make of it
        Sharing sharing = Sharing::copy_on_write;
        GrowsDown grows_down = GrowsDown::no;
        Locked locked = Locked::no;  // yes: Errno::again past RLIMIT_MEMLOCK
        Ref<PageSource> source;
        u64 source_page = 0;
    };
    struct Mapped {
        UserAddr start;
        bool is_locked = false;  // the caller populates it
    };
    // Errno::nomem, inval, exist, again.
    Result<Mapped> map(const MapRequest& request);
    Result<> unmap(UserAddr start, u64 size);
    // Errno::nomem when the range has a hole, acces when a mapping may not have the access.
    Result<> protect(UserAddr start, u64 size, arch::UserAccess access);
    struct RemapRequest {
        UserAddr old_start;
        u64 old_size = 0;
        u64 new_size = 0;
        bool may_move = false;
        bool keeps_old = false;           // without its pages (MREMAP_DONTUNMAP)
        std::optional<UserAddr> target;   // there and nowhere else, replacing what is there (MREMAP_FIXED)
    };
    // Errno::fault for a range that is not in one mapping, nomem, inval.
    Result<UserAddr> remap(const RemapRequest& request);
    // Drops private pages: they read as fresh again (MADV_DONTNEED). Errno::nomem when the range has a hole, inval for locked ones.
    Result<> discard(UserAddr start, u64 size);

    // Errno::nomem when the range has a hole; an empty one has none.
    Result<> require_mapped(UserAddr start, u64 size);

    // The program break. set_break returns the break now in force (unchanged when the wanted one is impossible).
    void initialise_break(UserAddr program_end);
    Result<UserAddr> set_break(UserAddr wanted);
    // RLIMIT_AS and RLIMIT_DATA, in bytes.
    void set_size_limits(u64 size, u64 data)
    {
        size_limit_.store(size, std::memory_order_relaxed);
        data_limit_.store(data, std::memory_order_relaxed);
    }
    void set_lock_limit(u64 size) { lock_limit_.store(size, std::memory_order_relaxed); }  // RLIMIT_MEMLOCK
    void set_stack_limit(u64 size) { stack_limit_.store(size, std::memory_order_relaxed); }

    // mlock(2) and its kin: what is locked counts against RLIMIT_MEMLOCK unless the caller has CAP_IPC_LOCK. Errno::nomem past the limit
    // and for a hole; the pages become present by populate(). Errno::perm when the caller may lock nothing at all.
    Result<> require_locking() const;
    Result<> set_locked(UserAddr start, u64 size, Locked locked);
    Result<> set_all_locked(Locked now, Locked future);
    Result<> set_future_locked(Locked future);  // whether new mappings are
    // Makes all pages of the range present, and a program's own. Errno as handle_fault; stops with intr.
    Result<> populate(UserAddr start, u64 size);
    Result<> populate_locked_regions();
    // Stores 1 for each page from `start` on that is mapped, 0 for the others. Errno::nomem when the range has a hole.
    Result<> find_resident(UserAddr start, std::span<u8> pages);

    // Makes the page at `address` accessible. Errno::fault when nothing is mapped there, acces when the region does not allow
    // it, nxio past the end of a file, io, nomem.
    Result<> handle_fault(UserAddr address, arch::UserAccess access);

    // Puts a page that was filled already at `page` of a region (execve's arguments).
    Result<> adopt_page(UserAddr page, PageRef frame);
    // Copies to or from memory of an address space that may not be the current one.
    Result<> write_bytes(UserAddr destination, std::span<const std::byte> data);
    Result<> clear(UserAddr destination, u64 size);
    Result<> read_bytes(std::span<std::byte> out, UserAddr source);
    // The page of an object that shared memory at `address` shows; without a source for private memory. Errno::fault when nothing
    // readable is mapped there.
    struct SharedPlace {
        Ref<PageSource> source;
        u64 page = 0;
    };
    Result<SharedPlace> shared_place(UserAddr address);
    // Calls use(word) with the aligned word at `address`, an std::atomic_ref<u32>: for changes that must be atomic against other
    // threads of the program. The word is writable, and stays mapped as long as `use`, which does not block, runs. Errno as
    // handle_fault.
    template <typename Use>
    Result<> with_word(UserAddr address, Use&& use)
    {
        for (;;) {
            if (const auto accessible = handle_fault(address, arch::UserAccess::write); !accessible)
                return accessible;
            const auto guard = KillableLockGuard::take(mutex_);
            if (!guard)
                return fail(guard.error());
            if (u32* word = writable_word_locked(address)) {
                use(std::atomic_ref<u32>(*word));
                return {};
            }
        }
    }

    void activate() const { page_table_.activate(); }

    // Whether other processes of the same user may look into it: not after it got rights that they lack (prctl(2), PR_SET_DUMPABLE).
    bool is_dumpable() const { return is_dumpable_.load(std::memory_order_relaxed); }
    void set_dumpable(bool value) { is_dumpable_.store(value, std::memory_order_relaxed); }

    // The strings that execve put on the stack: the arguments from `arguments` to before `environment`, then the environment, up to `end`.
    struct Strings {
        UserAddr arguments;
        UserAddr environment;
        UserAddr end;
    };
    const Strings& strings() const { return strings_; }
    void set_strings(const Strings& strings) { strings_ = strings; }  // before others see the object

    struct Usage {
        u64 mapped_pages = 0;
        u64 resident_pages = 0;
        u64 shared_pages = 0;  // mapped pages that come from files
        u64 text_pages = 0;
        u64 data_pages = 0;
        u64 stack_pages = 0;
        u64 locked_pages = 0;
    };
    Usage usage() const;  // nothing for a caller who is to end
    // Without waiting for the lock: choosing a victim must not block.
    u64 resident_pages() const { return resident_pages_.load(std::memory_order_relaxed); }
    // One line per region for /proc/PID/maps.
    void describe(TextSink& out) const;

private:
    AddressSpace(arch::UserPageTable&& page_table, const UserPlacement& placement)
        : placement_(placement), page_table_(std::move(page_table))
    {
    }

    // Whoever changes regions_ has one, within mutex_: what there are is booked when he leaves, however he does. Also what fails may have
    // split some.
    class BookedChange : NoCopy {
    public:
        explicit BookedChange(AddressSpace& space) : space_(space) {}
        ~BookedChange() { space_.regions_charge_.set(sizeof(AddressSpace) + space_.regions_.count() * sizeof(MemoryRegion)); }

    private:
        AddressSpace& space_;
    };

    // All with mutex_ held.
    Result<MemoryRegion*> region_for_locked(UserAddr page, arch::UserAccess access);
    u64 locked_pages_locked(UserAddr start, UserAddr end) const;
    Result<> require_lockable_locked(u64 more_pages) const;  // Errno::again
    // Errno::nomem when a mapping of `size` bytes would pass a limit.
    Result<> require_room_locked(u64 size, bool is_data) const;
    Result<> grow_stack_locked(MemoryRegion& region, UserAddr page);
    Result<> make_accessible_locked(MemoryRegion& region, UserAddr page, arch::UserAccess access);
    Result<> replace_with_copy_locked(MemoryRegion& region, UserAddr page, PhysAddr original);
    Result<> install_locked(const MemoryRegion& region, UserAddr page, PageRef frame);
    Result<> install_from_source_locked(MemoryRegion& region, UserAddr page, PageRef frame, arch::UserAccess access);
    arch::UserAccess page_access(const MemoryRegion& region, PhysAddr frame) const;
    u32* writable_word_locked(UserAddr address);  // in the linear map; null when its page is not mapped for writing
    void unmap_pages_locked(UserAddr start, UserAddr end);
    Result<> clone_pages_locked(MemoryRegion& region, AddressSpace& copy);
    Result<UserAddr> place_locked(const MapRequest& request);
    Result<UserAddr> remap_in_place_locked(const MemoryRegion& region, const RemapRequest& request, RegionSet& removed);
    Result<UserAddr> move_locked(const MemoryRegion& region, const RemapRequest& request, RegionSet& removed);
    Result<UserAddr> target_locked(const RemapRequest& request, RegionSet& removed);

    Result<> map_source_pages(UserAddr page, Ref<PageSource> source, u64 index, u64 ahead, arch::UserAccess access);
    template <typename Use>
    Result<> for_each_page(UserAddr start, u64 size, arch::UserAccess access, Use&& use);

    const UserPlacement placement_;
    UserAddr trampoline_;             // set before others see the object, as the next
    Strings strings_;
    mutable Mutex mutex_;  // taken killably: a program may give its holder much to do
    arch::UserPageTable page_table_;  // protected by mutex_
    RegionSet regions_;               // protected by mutex_
    ledger::Charge regions_charge_{ledger::Kind::regions, sizeof(AddressSpace)};  // protected by mutex_
    UserAddr break_start_;            // protected by mutex_
    UserAddr break_end_;              // protected by mutex_
    std::atomic<u64> resident_pages_{0};
    std::atomic<u64> size_limit_{~u64{0}};
    std::atomic<u64> data_limit_{~u64{0}};
    std::atomic<u64> lock_limit_{~u64{0}};
    bool locks_future_ = false;       // protected by mutex_
    std::atomic<u64> stack_limit_{8 * 1024 * 1024};
    std::atomic<bool> is_dumpable_{true};
};

}  // namespace tenon
