#include "kernel/fs/pipe/pipe.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <new>

#include "kernel/fs/caller.h"
#include "kernel/fs/open_file.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/credentials.h"

namespace tenon {
namespace {

constexpr usize small_size = 2 * PipeBuffer::piece_size;  // of a pipe whose user has more than the share of memory

bool may_exceed_limits()
{
    return capable(Capability::sys_resource) || capable(Capability::sys_admin);
}

// Thousands of pieces take longer to let go of than a CPU may be held.
void let_go(PipeBuffer::Ring ring)
{
    for (usize index = 0; ring.pieces && index < ring.count; ++index) {
        ring.pieces[index].reset();
        static_cast<void>(resched_point());
    }
}

constexpr bool includes(Pipe::Mode mode, Pipe::Mode part)
{
    return (std::to_underlying(mode) & std::to_underlying(part)) != 0;
}

}  // namespace

class Pipe::End final : public FileOperations {
public:
    End(Ref<Pipe> pipe, Mode mode) : pipe_(std::move(pipe)), mode_(mode)
    {
        LockGuard guard(pipe_->lock_);
        if (includes(mode_, Mode::read)) {
            ++pipe_->readers_;
            ++pipe_->readers_so_far_;
        }
        if (includes(mode_, Mode::write)) {
            ++pipe_->writers_;
            ++pipe_->writers_so_far_;
        }
        pipe_->events_.wake_all();
    }

    ~End() override { pipe_->close(mode_); }

    Result<usize> read(std::span<std::byte> out, u64, u32 flags) override
    {
        return pipe_->read(out, (flags & open_flag::nonblock) == 0);
    }

    Result<usize> write(std::span<const std::byte> data, u64, u32 flags) override
    {
        return pipe_->write(data, (flags & open_flag::nonblock) == 0);
    }

    Result<i64> ioctl(u32 request, u64 argument) override
    {
        constexpr u32 bytes_to_read = 0x541b;  // FIONREAD
        if (request != bytes_to_read)
            return fail(Errno::notty);
        TRY(user::store(UserPtr<int>(argument), static_cast<int>(pipe_->readable())));
        return 0;
    }

    u32 poll(PollTable& table) override
    {
        table.add(pipe_->events_);
        return pipe_->poll(mode_);
    }

    Result<usize> pipe_size() const override { return pipe_->size(); }
    Result<usize> set_pipe_size(usize wanted) override { return pipe_->resize(wanted); }

private:
    Ref<Pipe> pipe_;
    Mode mode_;
};

constinit std::atomic<usize> Pipe::largest_size{1024 * 1024};
constinit std::atomic<usize> Pipe::pages_of_user{16384};

Pipe::Pipe() = default;

Pipe::~Pipe()
{
    let_go(buffer_.clear());
    account_.pipe_capacity().fetch_sub(reserved_, std::memory_order_relaxed);
}

Result<Ref<Pipe>> Pipe::create()
{
    TRY(memory_limits::require_growth());
    auto pipe = adopt_ref(new (std::nothrow) Pipe);
    if (!pipe)
        return fail(Errno::nomem);
    const MayExceed share = may_exceed_limits() ? MayExceed::yes : MayExceed::no;
    if (pipe->reserve_locked(PipeBuffer::default_capacity, share))  // nobody else knows it yet
        return pipe;
    auto small = PipeBuffer::make_ring(small_size);
    if (!small)
        return fail(Errno::nomem);
    TRY(pipe->exchange(*small, MayExceed::yes, MayExceed::yes));
    return pipe;
}

// Whether the user's pipes may come to hold what they do with `capacity` here, which then counts. `lock_` is held.
bool Pipe::reserve_locked(usize capacity, MayExceed share)
{
    const u64 more = capacity - reserved_;  // modulo 2^64, as the sum
    const u64 total = account_.pipe_capacity().fetch_add(more, std::memory_order_relaxed) + more;
    const u64 pages = pages_of_user.load(std::memory_order_relaxed);
    if (capacity > reserved_ && share == MayExceed::no && pages != 0 && total > pages * page_size) {
        account_.pipe_capacity().fetch_sub(more, std::memory_order_relaxed);
        return false;
    }
    reserved_ = capacity;
    return true;
}

Pipe::Mode Pipe::mode_of(u32 flags)
{
    switch (flags & open_flag::access_mask) {
    case open_flag::read_only: return Mode::read;
    case open_flag::write_only: return Mode::write;
    default: return Mode::both;
    }
}

Result<std::unique_ptr<FileOperations>> Pipe::open_end(Ref<Pipe> pipe, Mode mode)
{
    std::unique_ptr<FileOperations> end(new (std::nothrow) End(std::move(pipe), mode));
    if (!end)
        return fail(Errno::nomem);
    return end;
}

// What is in it goes with the last end: who still knows the pipe may open others.
void Pipe::close(Mode mode)
{
    PipeBuffer::Ring lost;
    {
        LockGuard guard(lock_);
        readers_ -= includes(mode, Mode::read) ? 1 : 0;
        writers_ -= includes(mode, Mode::write) ? 1 : 0;
        events_.wake_all();
        if (readers_ == 0 && writers_ == 0) {
            lost = buffer_.clear();
            charge_.set(sizeof(Pipe));
        }
    }
    let_go(std::move(lost));
}

bool Pipe::has_readers() const
{
    LockGuard guard(lock_);
    return readers_ != 0;
}

bool Pipe::has_writers() const
{
    LockGuard guard(lock_);
    return writers_ != 0;
}

u32 Pipe::readers_so_far() const
{
    LockGuard guard(lock_);
    return readers_so_far_;
}

u32 Pipe::writers_so_far() const
{
    LockGuard guard(lock_);
    return writers_so_far_;
}

usize Pipe::size() const
{
    LockGuard guard(lock_);
    return buffer_.capacity();
}

usize Pipe::rounded_size(usize size)
{
    return std::bit_ceil(std::max(size, PipeBuffer::piece_size));
}

Result<usize> Pipe::resize(usize wanted)
{
    constexpr usize largest_argument = usize{1} << 31;
    if (wanted > largest_argument)
        return fail(Errno::inval);
    const usize wanted_size = rounded_size(wanted);
    const bool is_allowed = wanted_size <= largest_size.load(std::memory_order_relaxed) || capable(Capability::sys_resource);
    if (wanted_size > hard_limit)
        return fail(is_allowed ? Errno::nomem : Errno::perm);
    auto ring = PipeBuffer::make_ring(wanted_size);
    if (!ring)
        return fail(Errno::nomem);
    const Result<> exchanged = exchange(*ring, is_allowed ? MayExceed::yes : MayExceed::no,
                                        may_exceed_limits() ? MayExceed::yes : MayExceed::no);
    let_go(std::move(*ring));
    TRY(exchanged);
    return wanted_size;
}

// The pipe goes over to `ring`, which is the former one then. Errno::busy when there is more in it, perm.
Result<> Pipe::exchange(PipeBuffer::Ring& ring, MayExceed largest, MayExceed share)
{
    const usize capacity = ring.count * PipeBuffer::piece_size;
    LockGuard guard(lock_);
    if (buffer_.readable() > capacity)
        return fail(Errno::busy);
    if ((capacity > buffer_.capacity() && largest == MayExceed::no) || !reserve_locked(capacity, share))
        return fail(Errno::perm);
    buffer_.exchange(ring);
    charge_.set(sizeof(Pipe) + buffer_.allocated());
    wanted_room_ = nobody_waits;  // whoever waits asks anew
    events_.wake_all();
    return {};
}

usize Pipe::readable() const
{
    LockGuard guard(lock_);
    return buffer_.readable();
}

Result<usize> Pipe::read(std::span<std::byte> out, bool may_block)
{
    if (out.empty())
        return usize{0};
    for (;;) {
        {
            LockGuard guard(lock_);
            const bool was_full = buffer_.writable() < atomic_size;
            const usize count = buffer_.read(out);
            const usize room = buffer_.writable();
            if (room >= wanted_room_ || (was_full && room >= atomic_size)) {
                wanted_room_ = nobody_waits;
                events_.wake_all();
            }
            if (count != 0 || writers_ == 0)
                return count;
        }
        if (!may_block)
            return fail(Errno::again);
        TRY(events_.wait_until(Interruptible::yes, [&] {
            LockGuard guard(lock_);
            return buffer_.readable() != 0 || writers_ == 0;
        }));
    }
}

// Up to atomic_size bytes are written together or not at all. A larger amount goes in as room appears: when half of the pipe is free, not
// for every byte that is read.
Result<usize> Pipe::write(std::span<const std::byte> data, bool may_block)
{
    TRY(memory_limits::require_growth());
    usize done = 0;
    while (done < data.size()) {
        const usize left = data.size() - done;
        const bool is_atomic = data.size() <= atomic_size;
        const usize needed = is_atomic ? left : 1;
        {
            LockGuard guard(lock_);
            if (readers_ == 0)
                break;
            if (buffer_.writable() >= needed) {
                const bool was_empty = buffer_.readable() == 0;  // else nobody waits for data
                const usize count = buffer_.write(data.subspan(done));
                charge_.set(sizeof(Pipe) + buffer_.allocated());
                if (count == 0)
                    return done != 0 ? Result<usize>(done) : fail(Errno::nomem);
                done += count;
                if (was_empty)
                    events_.wake_all();
                continue;
            }
        }
        if (!may_block)
            return done != 0 ? Result<usize>(done) : fail(Errno::again);
        const auto waited = events_.wait_until(Interruptible::yes, [&] {
            LockGuard guard(lock_);
            const usize wanted = is_atomic ? left : std::min(left, buffer_.capacity() / 2);
            if (buffer_.writable() >= wanted || readers_ == 0)
                return true;
            wanted_room_ = std::min(wanted_room_, wanted);
            return false;
        });
        if (!waited)
            return done != 0 ? Result<usize>(done) : fail(waited.error());
    }
    if (done == data.size())
        return done;
    caller::note_broken_pipe();
    return done != 0 ? Result<usize>(done) : fail(Errno::pipe);
}

u32 Pipe::poll(Mode mode) const
{
    LockGuard guard(lock_);
    u32 events = 0;
    if (includes(mode, Mode::read)) {
        events |= buffer_.readable() != 0 ? poll_event::in : 0;
        events |= writers_ == 0 ? poll_event::hang_up : 0;
    }
    if (includes(mode, Mode::write)) {
        events |= buffer_.writable() >= atomic_size ? poll_event::out : 0;
        events |= readers_ == 0 ? poll_event::error : 0;
    }
    return events;
}

}  // namespace tenon
