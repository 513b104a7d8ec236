#include "kernel/proc/futex.h"

#include "kernel/proc/user_thread.h"
#include "kernel/syscall/thread.h"
#include "kernel/syscall/time_values.h"

// futex(2): the arguments mean something else in each operation. Operations on priority-inheriting words are not known (ENOSYS), as
// the C library expects of systems without them.

namespace tenon::syscall {

namespace {

enum class Operation : u32 {
    wait = 0,
    wake = 1,
    requeue = 3,
    compare_requeue = 4,
    wake_operation = 5,
    wait_bits = 9,
    wake_bits = 10,
};
constexpr u32 private_flag = 128;
constexpr u32 realtime_flag = 256;

struct Call {
    Operation operation;
    bool realtime;
    futexes::Sharing sharing;
    const Arguments& arguments;

    futexes::Word word(usize index) const { return {.address = arguments.pointer<u32>(index), .sharing = sharing}; }
};

Result<Deadline> load_deadline(const Call& call)
{
    const auto pointer = call.arguments.pointer<TimeSpec>(3);
    if (pointer.is_null())
        return Deadline();
    const u64 time = TRY(load_time(pointer));
    if (call.operation == Operation::wait)
        return Deadline{.time = deadline_after(time)};
    return Deadline{.time = time, .clock = call.realtime ? Deadline::Clock::realtime : Deadline::Clock::monotonic};
}

Result<u64> wait(const Call& call, u32 bits)
{
    if (bits == 0)
        return fail(Errno::inval);
    const Deadline deadline = TRY(load_deadline(call));
    return wait_for_futex({.word = call.word(0), .expected = call.arguments.as_u32(2), .bits = bits, .deadline = deadline});
}

Result<u64> wake(const Call& call, u32 bits)
{
    if (bits == 0)
        return fail(Errno::inval);
    return TRY(futexes::wake(call.word(0), call.arguments.as_u32(2), bits));
}

Result<u64> requeue(const Call& call)
{
    if (call.arguments.as_int(2) < 0 || call.arguments.as_int(3) < 0)
        return fail(Errno::inval);
    futexes::RequeueRequest request{.from = call.word(0),
                                    .to = call.word(4),
                                    .wake_count = call.arguments.as_u32(2),
                                    .move_count = call.arguments.as_u32(3),
                                    .expected = std::nullopt};
    if (call.operation == Operation::compare_requeue)
        request.expected = call.arguments.as_u32(5);
    return TRY(futexes::requeue(request));
}

Result<u64> wake_operation(const Call& call)
{
    return TRY(futexes::wake_after_operation({.first = call.word(0),
                                              .first_count = call.arguments.as_u32(2),
                                              .second = call.word(4),
                                              .second_count = call.arguments.as_u32(3),
                                              .encoded = call.arguments.as_u32(5)}));
}

}  // namespace

// A stop and its end continue a wait with a time limit at the same deadline, through restart_syscall(2).
Result<u64> wait_for_futex(const futexes::WaitRequest& request)
{
    const Result<> waited = futexes::wait(request);
    if (waited)
        return 0;
    if (waited.error() != Errno::intr)
        return fail(waited.error());
    if (request.deadline.is_never())
        return fail(Errno::restart);
    current_user_thread().interrupted_call = request;
    return fail(Errno::restart_block);
}

Result<u64> sys_futex(const Arguments& arguments)
{
    const u32 flags = arguments.as_u32(1);
    const Call call{.operation = static_cast<Operation>(flags & ~(private_flag | realtime_flag)),
                    .realtime = (flags & realtime_flag) != 0,
                    .sharing = (flags & private_flag) != 0 ? futexes::Sharing::by_process : futexes::Sharing::by_memory,
                    .arguments = arguments};
    if (call.realtime && call.operation != Operation::wait_bits)
        return fail(Errno::nosys);
    switch (call.operation) {
    case Operation::wait: return wait(call, futexes::all_bits);
    case Operation::wait_bits: return wait(call, arguments.as_u32(5));
    case Operation::wake: return wake(call, futexes::all_bits);
    case Operation::wake_bits: return wake(call, arguments.as_u32(5));
    case Operation::requeue:
    case Operation::compare_requeue: return requeue(call);
    case Operation::wake_operation: return wake_operation(call);
    }
    return fail(Errno::nosys);
}

}  // namespace tenon::syscall
