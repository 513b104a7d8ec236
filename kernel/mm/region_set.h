#pragma once

#include <memory>
#include <optional>

#include <boost/intrusive/set.hpp>

#include "kernel/arch.h"
#include "kernel/mm/page_source.h"

// Which user addresses are mapped, and how. Pure bookkeeping: page tables and frames are AddressSpace's.

namespace tenon {

enum class Sharing : u8 { copy_on_write, shared };
enum class GrowsDown : bool { no, yes };

constexpr arch::UserAccess any_access = arch::UserAccess::read | arch::UserAccess::write | arch::UserAccess::execute;

// One mapping of [start, end), page aligned.
struct MemoryRegion : boost::intrusive::set_base_hook<> {
    UserAddr start;
    UserAddr end;
    arch::UserAccess access = arch::UserAccess::none;
    arch::UserAccess may_access = any_access;  // what mprotect may grant
    Sharing sharing = Sharing::copy_on_write;
    GrowsDown grows_down = GrowsDown::no;  // the stack
    Ref<PageSource> source;                // empty: anonymous zero pages
    u64 source_page = 0;                   // index in `source` of the page at `start`
    bool has_private_pages = false;        // some mapped pages are not the source's own
    bool is_locked = false;                // mlock(2)

    MemoryRegion() = default;
    MemoryRegion(const MemoryRegion& other);

    u64 size() const { return end - start; }
    u64 pages() const { return size() / page_size; }
    u64 source_index(UserAddr page) const { return source_page + (page - start) / page_size; }
    // Private memory that a program may write: what counts against the machine's memory.
    bool is_private_writable() const
    {
        return sharing == Sharing::copy_on_write && arch::allows(access, arch::UserAccess::write);
    }
    bool operator<(const MemoryRegion& other) const { return start < other.start; }
};

// Functions that pass many regions let others have the CPU in between: not under spinlocks.
class RegionSet : NoCopy {
public:
    static constexpr usize max_regions = 65530;

    RegionSet() = default;
    ~RegionSet() { clear(); }

    using Set = boost::intrusive::set<MemoryRegion>;
    Set::const_iterator begin() const { return regions_.begin(); }
    Set::const_iterator end() const { return regions_.end(); }
    usize count() const { return regions_.size(); }
    u64 pages() const { return pages_; }

    // The region that contains the address; null when none does.
    MemoryRegion* find(UserAddr address);
    // The first region that ends above `address`; null when there is none.
    MemoryRegion* first_ending_above(UserAddr address);
    bool is_free(UserAddr start, UserAddr end);
    bool covers(UserAddr start, UserAddr end);  // without a hole
    u64 mapped_size(UserAddr start, UserAddr end);

    // Adds a copy; the range is free. Joins it with its neighbours when they are alike. Errno::nomem.
    Result<> insert(const MemoryRegion& region);
    // Moves what lies in [start, end) to `removed`, splitting regions at its ends. Errno::nomem before anything changed. The caller
    // clears `removed` without its locks: the last reference to a source may close a file.
    Result<> remove(UserAddr start, UserAddr end, RegionSet& removed);
    // Changes the access of every region in [start, end). Errno::acces when one of them may not have it, nomem; both before
    // anything changed.
    Result<> protect(UserAddr start, UserAddr end, arch::UserAccess access);
    // Changes whether what lies in [start, end) is locked. Errno::nomem before anything changed.
    Result<> set_locked(UserAddr start, UserAddr end, bool is_locked);
    // Moves the start of a region that grows down; the new part is free.
    void grow_down(MemoryRegion& region, UserAddr new_start);

    // The highest free range of `size` in [low, high).
    std::optional<UserAddr> find_free(u64 size, UserAddr low, UserAddr high);

    Result<> copy_from(const RegionSet& other);  // into an empty set, for fork: nothing is locked there
    void clear();

private:
    Result<> split_at(UserAddr address);
    template <typename Change>
    Result<> change(UserAddr start, UserAddr end, Change&& change_region);
    void join_with_previous(Set::iterator position);

    Set regions_;
    u64 pages_ = 0;
};

}  // namespace tenon
