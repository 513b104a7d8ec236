#include "kernel/syscall/poll.h"

#include <array>
#include <memory>
#include <new>

#include "kernel/lib/checked.h"
#include "kernel/mm/ledger.h"
#include "kernel/mm/memory_limits.h"
#include "kernel/mm/user_access.h"
#include "kernel/proc/process.h"
#include "kernel/proc/signal.h"
#include "kernel/syscall/poll_wait.h"
#include "kernel/syscall/user_path.h"

namespace tenon::syscall {
namespace {

// struct pollfd.
struct PollEntry {
    int descriptor;
    u16 wanted;
    u16 happened;
};

struct Watched {
    Ref<OpenFile> file;
    u32 wanted = 0;
    u32 happened = 0;
};

constexpr u32 always_reported = poll_event::error | poll_event::hang_up | poll_event::invalid;

// How many of the files have something to report, which is left in `happened`.
usize scan(std::span<Watched> files, PollTable& table)
{
    usize ready = 0;
    for (Watched& watched : files) {
        if (watched.file)
            watched.happened = watched.file->poll(table) & (watched.wanted | always_reported);
        ready += watched.happened != 0 ? 1 : 0;
    }
    return ready;
}

// A timeout in user memory, which the call leaves at what remains of it.
class Timeout {
public:
    static Result<Timeout> load(UserPtr<TimeSpec> pointer)
    {
        Timeout timeout;
        timeout.pointer_ = pointer;
        if (pointer.is_null())
            return timeout;
        const TimeSpec wanted = TRY(user::load(pointer));
        if (wanted.seconds < 0 || wanted.nanoseconds < 0 || wanted.nanoseconds >= static_cast<i64>(nanoseconds_per_second))
            return fail(Errno::inval);
        const auto whole = checked_mul(static_cast<u64>(wanted.seconds), nanoseconds_per_second);
        const auto span = whole ? checked_add(*whole, static_cast<u64>(wanted.nanoseconds)) : std::nullopt;
        const auto deadline = span ? checked_add(*span, monotonic_now()) : std::nullopt;
        timeout.deadline_ = deadline.value_or(WaitQueue::no_deadline);
        return timeout;
    }

    u64 deadline() const { return deadline_; }

    // A timeout in memory that cannot be written is no error, as with Linux.
    void store_remaining() const
    {
        if (pointer_.is_null())
            return;
        const u64 now = monotonic_now();
        const u64 left = deadline_ > now ? deadline_ - now : 0;
        static_cast<void>(user::store(pointer_, TimeSpec{static_cast<i64>(left / nanoseconds_per_second),
                                                         static_cast<i64>(left % nanoseconds_per_second)}));
    }

private:
    UserPtr<TimeSpec> pointer_;
    u64 deadline_ = WaitQueue::no_deadline;
};

// The signal mask that holds during the call; null: the usual one.
Result<> use_mask(UserPtr<const SignalSet> mask, u64 size)
{
    if (mask.is_null())
        return {};
    if (size != sizeof(SignalSet))
        return fail(Errno::inval);
    const SignalSet wanted = TRY(user::load(mask.as<SignalSet>()));
    current_process().signals->set_temporary_mask(wanted);
    return {};
}

// After an interruption the delivery of the signal puts the mask back.
Result<usize> wait(std::span<Watched> files, const Timeout& timeout)
{
    const auto ready = wait_for_files(timeout.deadline(), [&](PollTable& table) { return scan(files, table); });
    timeout.store_remaining();
    if (!ready)
        return fail(ready.error() == Errno::intr ? Errno::restart_nohand : ready.error());
    current_process().signals->restore_mask();
    return ready;
}

}  // namespace

Result<u64> sys_ppoll(const Arguments& arguments)
{
    const auto user_entries = arguments.pointer<PollEntry>(0);
    const u64 count = arguments[1];
    if (count > FileTable::limit)
        return fail(Errno::inval);
    const auto timeout = TRY(Timeout::load(arguments.pointer<TimeSpec>(2)));
    TRY(memory_limits::require_user_page());
    const ledger::Charge charge(ledger::Kind::calls, count * (sizeof(Watched) + sizeof(PollEntry)));
    const std::unique_ptr<Watched[]> memory(new (std::nothrow) Watched[count]);
    const std::unique_ptr<PollEntry[]> entries(new (std::nothrow) PollEntry[count]);
    if (!memory || !entries)
        return fail(Errno::nomem);
    TRY(user::copy_from(std::as_writable_bytes(std::span(entries.get(), count)), user_entries.address()));

    const std::span<Watched> files(memory.get(), count);
    for (u64 i = 0; i < count; ++i) {
        if (entries[i].descriptor < 0)
            continue;
        files[i].wanted = entries[i].wanted;
        if (auto file = open_file(entries[i].descriptor))
            files[i].file = std::move(*file);
        else
            files[i].happened = poll_event::invalid;
    }
    TRY(use_mask(arguments.pointer<const SignalSet>(3), arguments[4]));
    const auto ready = wait(files, timeout);
    if (!ready)
        return fail(ready.error());
    for (u64 i = 0; i < count; ++i)
        entries[i].happened = static_cast<u16>(files[i].happened);
    TRY(user::store_all<PollEntry>(user_entries.address(), {entries.get(), count}));
    return *ready;
}

namespace {

// The three sets of select: which events each stands for, as wished and as found.
class SelectSets {
public:
    static constexpr std::array<u32, 3> wished{poll_event::in, poll_event::out, poll_event::priority};
    static constexpr std::array<u32, 3> found{poll_event::in | poll_event::hang_up | poll_event::error,
                                              poll_event::out | poll_event::error, poll_event::priority};

    Result<> load(const Arguments& arguments, u64 count)
    {
        for (usize set = 0; set < 3; ++set) {
            pointers_[set] = arguments.address(set + 1);
            if (pointers_[set].value() != 0)
                TRY(user::copy_from(bytes(set, count), pointers_[set]));
        }
        return {};
    }

    Result<> store(u64 count)
    {
        for (usize set = 0; set < 3; ++set)
            if (pointers_[set].value() != 0)
                TRY(user::copy_to(pointers_[set], bytes(set, count)));
        return {};
    }

    bool has(usize set, u64 descriptor) const { return (words_[set][descriptor / 64] >> (descriptor % 64) & 1) != 0; }
    void keep(usize set, u64 descriptor, bool value)
    {
        if (!value)
            words_[set][descriptor / 64] &= ~(u64{1} << (descriptor % 64));
    }

private:
    std::span<std::byte> bytes(usize set, u64 count)
    {
        return std::as_writable_bytes(std::span(words_[set])).first((count + 63) / 64 * 8);
    }

    std::array<UserAddr, 3> pointers_;
    std::array<std::array<u64, FileTable::limit / 64>, 3> words_{};
};

Result<> watch_sets(const SelectSets& sets, std::span<Watched> files)
{
    for (usize descriptor = 0; descriptor < files.size(); ++descriptor) {
        for (usize set = 0; set < 3; ++set)
            if (sets.has(set, descriptor))
                files[descriptor].wanted |= SelectSets::wished[set];
        if (files[descriptor].wanted != 0)
            files[descriptor].file = TRY(open_file(static_cast<int>(descriptor)));
    }
    return {};
}

u64 report_sets(SelectSets& sets, std::span<const Watched> files)
{
    u64 total = 0;
    for (usize descriptor = 0; descriptor < files.size(); ++descriptor)
        for (usize set = 0; set < 3; ++set) {
            const bool happened = (files[descriptor].happened & SelectSets::found[set]) != 0;
            total += happened && sets.has(set, descriptor) ? 1 : 0;
            sets.keep(set, descriptor, happened);
        }
    return total;
}

// The last argument of pselect6 stands for two.
struct MaskAndSize {
    u64 mask;
    u64 size;
};

}  // namespace

Result<u64> sys_pselect6(const Arguments& arguments)
{
    if (arguments.as_int(0) < 0)
        return fail(Errno::inval);
    const u64 count = std::min<u64>(arguments.as_u32(0), FileTable::limit);
    SelectSets sets;
    TRY(sets.load(arguments, count));
    const auto timeout = TRY(Timeout::load(arguments.pointer<TimeSpec>(4)));
    TRY(memory_limits::require_user_page());
    const ledger::Charge charge(ledger::Kind::calls, count * sizeof(Watched));
    const std::unique_ptr<Watched[]> memory(new (std::nothrow) Watched[count]);
    if (!memory)
        return fail(Errno::nomem);
    const std::span<Watched> files(memory.get(), count);
    TRY(watch_sets(sets, files));
    if (const auto mask = arguments.pointer<MaskAndSize>(5); !mask.is_null()) {
        const MaskAndSize value = TRY(user::load(mask));
        TRY(use_mask(UserPtr<const SignalSet>(value.mask), value.size));
    }
    const auto ready = wait(files, timeout);
    if (!ready)
        return fail(ready.error());
    const u64 total = report_sets(sets, files);
    TRY(sets.store(count));
    return total;
}

}  // namespace tenon::syscall
