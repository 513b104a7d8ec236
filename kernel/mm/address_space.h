#pragma once

#include <boost/intrusive/set.hpp>

#include "kernel/arch.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include <tenon/fs.h>
#include <tenon/page.h>
#include <tenon/sync.h>

namespace tenon {

class OpenFile;

// Where the pages of a mapping come from when they are first touched.
class PageSource : public RefCounted {
public:
    virtual ~PageSource() = default;
    virtual Result<PageRef> page(u64 index) = 0;
};

enum class Sharing : u8 { copy_on_write, shared };

// One mapping of [start, end).
struct MemoryRegion : boost::intrusive::set_base_hook<> {
    UserAddr start;
    UserAddr end;
    arch::UserAccess access = arch::UserAccess::none;
    Sharing sharing = Sharing::copy_on_write;
    Ref<PageSource> source;  // empty: anonymous zero pages
    u64 source_page = 0;     // index in `source` of the page at `start`
    bool grows_down = false; // the stack

    bool operator<(const MemoryRegion& other) const { return start < other.start; }
};

// User memory of a process: regions and their page tables. mutex_ protects both; page faults of several threads are
// serialised by it. Demand-paged, copy-on-write.
class AddressSpace final : public RefCounted {
public:
    static Result<Ref<AddressSpace>> create();
    ~AddressSpace();

    // The copy for fork: private pages become copy-on-write on both sides.
    Result<Ref<AddressSpace>> clone();

    struct MapRequest {
        UserAddr hint;        // page aligned
        u64 size = 0;         // page multiple, not 0
        bool fixed = false;   // replace what is there
        bool fixed_no_replace = false;
        arch::UserAccess access = arch::UserAccess::none;
        Sharing sharing = Sharing::copy_on_write;
        Ref<PageSource> source;
        u64 source_page = 0;
        bool grows_down = false;
    };
    // The address; Errno::nomem, inval, exist.
    Result<UserAddr> map(const MapRequest& request);
    Result<> unmap(UserAddr start, u64 size);
    Result<> protect(UserAddr start, u64 size, arch::UserAccess access);
    Result<UserAddr> remap(UserAddr old_start, u64 old_size, u64 new_size, bool may_move);

    // The program break. set_break returns the break now in force (unchanged when the wanted one is impossible).
    void initialise_break(UserAddr start);
    UserAddr set_break(UserAddr wanted);

    // Makes the page at `address` accessible; Errno::fault when no region allows it, nomem.
    Result<> handle_fault(UserAddr address, arch::UserAccess access);

    // Copies to or from memory of an address space that may not be the current one (execve's stack, ptrace-like uses).
    Result<> write_bytes(UserAddr destination, std::span<const std::byte> data);
    Result<> read_bytes(std::span<std::byte> out, UserAddr source);

    void activate() const { page_table_.activate(); }

    struct Usage {
        u64 mapped_pages = 0;
        u64 resident_pages = 0;
    };
    Usage usage() const;
    // One line per region for /proc/PID/maps.
    void describe(TextSink& out) const;

private:
    explicit AddressSpace(arch::UserPageTable&& page_table);

    mutable Mutex mutex_;
    arch::UserPageTable page_table_;
    boost::intrusive::set<MemoryRegion> regions_;
    UserAddr break_start_;
    UserAddr break_end_;
    u64 resident_pages_ = 0;
};

}  // namespace tenon
