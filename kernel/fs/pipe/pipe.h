#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include <boost/intrusive/list.hpp>

#include "kernel/fs/pipe/pipe_buffer.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/mm/ledger.h"
#include <tenon/fs.h>
#include <tenon/sync.h>

namespace tenon {

// A pipe or fifo. What is in it lives as long as one of its ends is open.
class Pipe final : public RefCounted, public boost::intrusive::list_base_hook<> {
public:
    static constexpr usize atomic_size = 4096;  // PIPE_BUF: writes up to this are not interleaved with others

    static Result<Ref<Pipe>> create();
    ~Pipe();

    enum class Mode : u8 { read = 1, write = 2, both = 3 };
    static Mode mode_of(u32 flags);  // of open(2)
    // One more end; it closes with the result.
    static Result<std::unique_ptr<FileOperations>> open_end(Ref<Pipe> pipe, Mode mode);

    // The conditions that opening a fifo waits for.
    bool has_readers() const;
    bool has_writers() const;
    // Counts ends that were ever opened, so that a waiting opener also notices a peer that has closed again.
    u32 readers_so_far() const;
    u32 writers_so_far() const;
    WaitQueue& events() { return events_; }

    // How far F_SETPIPE_SZ may go, and how much a user's pipes may hold together, full or not, before new ones hold little and none may
    // grow: for those without CAP_SYS_RESOURCE and CAP_SYS_ADMIN. In /proc/sys/fs.
    static std::atomic<usize> largest_size;     // a power of two
    static std::atomic<usize> pages_of_user;    // 0: as much as there is
    static constexpr usize hard_limit = 16 * 1024 * 1024;  // for everybody
    static usize rounded_size(usize size);      // to a power of two, at least a page

private:
    class End;
    enum class MayExceed : bool { no, yes };

    Pipe();

    Result<usize> read(std::span<std::byte> out, bool may_block);
    Result<usize> write(std::span<const std::byte> data, bool may_block);
    usize readable() const;
    u32 poll(Mode mode) const;
    void close(Mode mode);
    usize size() const;
    Result<usize> resize(usize wanted);
    Result<> exchange(PipeBuffer::Ring& ring, MayExceed largest, MayExceed share);
    bool reserve_locked(usize capacity, MayExceed share);

    ledger::Account& account_ = ledger::current();
    mutable Spinlock lock_;
    static constexpr usize nobody_waits = ~usize{0};
    PipeBuffer buffer_;         // protected by lock_, as everything below
    usize reserved_ = 0;        // the part of the account's pipe_capacity()
    ledger::Charge charge_{account_, ledger::Kind::pipes, sizeof(Pipe)};
    usize wanted_room_ = nobody_waits;  // the least that a waiting writer needs
    u32 readers_ = 0;
    u32 writers_ = 0;
    u32 readers_so_far_ = 0;
    u32 writers_so_far_ = 0;
    WaitQueue events_;          // data, room, an end opened or closed
};

}  // namespace tenon
