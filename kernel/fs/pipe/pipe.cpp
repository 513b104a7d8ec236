#include "kernel/fs/pipe/pipe.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <new>

#include "kernel/fs/open_file.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"

namespace tenon {
namespace {

constinit std::atomic<u64> next_number{1};

constexpr usize small_size = 2 * PipeBuffer::piece_size;  // of a pipe whose user has more than the share of memory

bool may_exceed_limits()
{
    return capable(Capability::sys_resource) || capable(Capability::sys_admin);
}

// Whether the caller's pipes occupy more than a user's may, with `more` bytes.
bool exceeds_share(usize more)
{
    const usize pages = Pipe::pages_of_user.load(std::memory_order_relaxed);
    return pages != 0 && ledger::current().used(ledger::Kind::pipes) + more > pages * page_size;
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

    u64 anonymous_number() const override { return pipe_->number_; }
    Result<usize> pipe_size() const override { return pipe_->size(); }
    Result<usize> set_pipe_size(usize wanted) override { return pipe_->resize(wanted); }

private:
    Ref<Pipe> pipe_;
    Mode mode_;
};

constinit std::atomic<usize> Pipe::largest_size{1024 * 1024};
constinit std::atomic<usize> Pipe::pages_of_user{16384};

Pipe::Pipe() : number_(next_number.fetch_add(1, std::memory_order_relaxed))
{
}

Result<Ref<Pipe>> Pipe::create()
{
    TRY(memory_limits::require_growth());
    auto pipe = adopt_ref(new (std::nothrow) Pipe);
    if (!pipe)
        return fail(Errno::nomem);
    if (exceeds_share(0) && !may_exceed_limits() && !pipe->buffer_.set_capacity(small_size))
        return fail(Errno::nomem);
    return pipe;
}

Result<std::unique_ptr<FileOperations>> Pipe::open_end(Ref<Pipe> pipe, Mode mode)
{
    std::unique_ptr<FileOperations> end(new (std::nothrow) End(std::move(pipe), mode));
    if (!end)
        return fail(Errno::nomem);
    return end;
}

void Pipe::close(Mode mode)
{
    LockGuard guard(lock_);
    readers_ -= includes(mode, Mode::read) ? 1 : 0;
    writers_ -= includes(mode, Mode::write) ? 1 : 0;
    events_.wake_all();
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
    const usize former = size();
    if (wanted_size > former) {
        if (wanted_size > largest_size.load(std::memory_order_relaxed) && !capable(Capability::sys_resource))
            return fail(Errno::perm);
        if (exceeds_share(wanted_size - former) && !may_exceed_limits())
            return fail(Errno::perm);
        if (wanted_size > hard_limit)
            return fail(Errno::nomem);
        TRY(memory_limits::require_growth());
    }
    LockGuard guard(lock_);
    if (buffer_.readable() > wanted_size)
        return fail(Errno::busy);
    if (!buffer_.set_capacity(wanted_size))
        return fail(Errno::nomem);
    charge_.set(sizeof(Pipe) + buffer_.allocated());
    wanted_room_ = nobody_waits;  // whoever waits asks anew
    events_.wake_all();
    return wanted_size;
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
    signals::send(current_process(), SignalInfo::kernel(signal_number::pipe));
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
