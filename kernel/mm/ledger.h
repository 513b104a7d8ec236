#pragma once

#include <array>
#include <atomic>
#include <utility>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include "kernel/mm/frames.h"
#include <tenon/page.h>

// What memory each user occupies. Everything that outlives a system call and that a program causes to be allocated is booked to the
// account of the real user of the thread that asked for it, by kind. Frames carry their booking in their descriptor, objects in a
// Charge: both end with what they pay for. Whom want of memory ends is decided by these books (kernel/proc/memory_pressure.h).

namespace tenon {
class Thread;
}

namespace tenon::ledger {

enum class Kind : u8 {
    anonymous,      // private pages of programs
    shared_memory,  // pages of shared anonymous mappings and what finds them
    file_pages,     // pages of files in memory, what finds them, inodes and directory entries
    page_tables,    // of programs
    pipes,
    regions,        // of address spaces
    signals,        // what processes keep of signals, timers
    texts,          // of open files in /proc and /sys
    mounts,
    open_files,     // file objects and tables of descriptors
    names,          // in the name cache
    calls,          // buffers and tables of system calls, which may wait long
    locks,          // on files
    credentials,    // and lists of groups
    queued_signals, // RLIMIT_SIGPENDING counts them
    kernel_stacks,
    count
};
constexpr usize kinds = static_cast<usize>(Kind::count);

// The books of one user. Accounts are never deleted; one in which nothing is booked may become another user's when there are more
// users than accounts. Every context.
class Account : NoCopy {
public:
    constexpr Account(u16 index, u32 user) : user_(user), index_(index) {}

    u32 user() const { return user_.load(std::memory_order_relaxed); }
    void add(Kind kind, u64 bytes) { used_[static_cast<usize>(kind)].fetch_add(bytes, std::memory_order_relaxed); }
    void subtract(Kind kind, u64 bytes) { used_[static_cast<usize>(kind)].fetch_sub(bytes, std::memory_order_relaxed); }
    u64 used(Kind kind) const { return used_[static_cast<usize>(kind)].load(std::memory_order_relaxed); }
    u64 used() const;
    u16 index() const { return index_; }
    // What the user's pipes may come to hold, in bytes: no memory yet, so of no kind.
    std::atomic<u64>& pipe_capacity() { return pipe_capacity_; }
    // What would come back if all processes of the user ended: files and their names stay.
    u64 releasable() const { return used() - used(Kind::file_pages) - used(Kind::names); }

private:
    friend struct Accounts;

    std::atomic<u32> user_;
    const u16 index_;  // in the table
    std::array<std::atomic<u64>, kinds> used_{};
    std::atomic<u64> pipe_capacity_{0};
};

// The account of the calling thread's real user; the kernel's own for threads without a process.
Account& current();

// That of another thread, which acts for this real user. Every context.
Account& account_of(Thread& thread, u32 user);

// One object or group of objects on a user's behalf. Whoever owns the memory owns the charge.
class Charge : NoCopy {
public:
    Charge() = default;  // of nobody: books nothing
    // Books to the current account.
    explicit Charge(Kind kind, u64 bytes = 0) : Charge(current(), kind, bytes) {}
    Charge(Account& account, Kind kind, u64 bytes) : account_(&account), state_(static_cast<u8>(kind)) { set(bytes); }
    Charge(Charge&& other) noexcept
        : account_(std::exchange(other.account_, nullptr)), state_(std::exchange(other.state_, 0))
    {
    }
    Charge& operator=(Charge&& other) noexcept
    {
        std::swap(account_, other.account_);
        std::swap(state_, other.state_);
        return *this;
    }
    ~Charge() { set(0); }

    // How much it is now. The owner serialises.
    void set(u64 now)
    {
        const u64 before = bytes();
        if (account_ == nullptr || now == before)
            return;
        if (now > before)
            account_->add(kind(), now - before);
        else
            account_->subtract(kind(), before - now);
        state_ = now << 8 | static_cast<u8>(kind());
    }
    u64 bytes() const { return state_ >> 8; }
    // What the same account has of this kind, this and all others.
    u64 bytes_of_account() const { return account_ == nullptr ? 0 : account_->used(kind()); }

private:
    Kind kind() const { return static_cast<Kind>(state_ & 0xff); }

    Account* account_ = nullptr;
    u64 state_ = 0;  // bytes << 8 | kind: many objects hold one
};

// A page for a program that runs already, booked to the current account until its last holder lets go. Errno::nomem also when only
// the reserve of the current user is left (kernel/mm/memory_limits.h).
Result<PageRef> allocate_page(Kind kind, frames::Zeroed zeroed);
// The same for a page table, which is no counted page.
Result<PhysAddr> allocate_table();
// Books a frame that was just allocated.
void book_frame(PhysAddr frame, Kind kind);

// For frames::free alone: what `book_frame` booked.
void unbook_frame(u16 account, u8 kind, unsigned order);

// Per user and kind, in bytes: /proc/ledger.
void describe(TextSink& out);

}  // namespace tenon::ledger
