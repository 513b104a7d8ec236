#include "kernel/mm/user_access.h"
#include "kernel/proc/resource_usage.h"
#include "kernel/proc/signal_info.h"
#include "kernel/proc/wait.h"
#include "kernel/syscall/process.h"
#include "kernel/syscall/time_values.h"
#include <tenon/time.h>

// Waiting for children.

namespace tenon::syscall {

namespace {

constexpr u32 no_hang = 1;
constexpr u32 stopped = 2;    // WUNTRACED, WSTOPPED
constexpr u32 exited = 4;
constexpr u32 continued = 8;
constexpr u32 no_wait = 0x0100'0000;
constexpr u32 own_thread = 0x2000'0000;    // __WNOTHREAD
constexpr u32 all_children = 0x4000'0000;  // __WALL
constexpr u32 clone_children = 0x8000'0000;  // __WCLONE
constexpr u32 child_kinds = own_thread | all_children | clone_children;

WaitRequest request_of(u32 options)
{
    WaitRequest request;
    request.no_wait = (options & no_hang) != 0;
    request.stopped = (options & stopped) != 0;
    request.continued = (options & continued) != 0;
    request.own_thread = (options & own_thread) != 0;
    if ((options & all_children) != 0)
        request.kind = WaitRequest::Kind::all;
    else if ((options & clone_children) != 0)
        request.kind = WaitRequest::Kind::clone;
    return request;
}

Result<> select_group(WaitRequest& request, u32 group)
{
    request.which = WaitRequest::Which::group;
    request.id = group == 0 ? current_process().group : group;
    return {};
}

Result<> select_wait4(WaitRequest& request, int id)
{
    if (id == -1)
        return {};
    if (id <= 0)
        return select_group(request, static_cast<u32>(-static_cast<i64>(id)));
    request.which = WaitRequest::Which::id;
    request.id = static_cast<u32>(id);
    return {};
}

Result<> select_waitid(WaitRequest& request, u32 type, u32 id)
{
    constexpr u32 all = 0;
    constexpr u32 one = 1;
    constexpr u32 group = 2;
    if (type == all)
        return {};
    if (type == group)
        return select_group(request, id);
    if (type != one || id == 0)
        return fail(Errno::inval);
    request.which = WaitRequest::Which::id;
    request.id = id;
    return {};
}

SignalInfo describe(const WaitReport& report)
{
    if (report.id == 0) {
        SignalInfo nothing;
        nothing.code = 0;
        return nothing;
    }
    i32 code = SignalInfo::child_exited;
    i32 status = report.status >> 8;
    if (report.status == status_continued) {
        code = SignalInfo::child_continued;
        status = 18;
    } else if ((report.status & 0xff) == 0x7f) {
        code = SignalInfo::child_stopped;
    } else if ((report.status & 0x7f) != 0) {
        code = SignalInfo::child_killed;
        status = report.status & 0x7f;
    }
    return SignalInfo::child(code, report.id, report.user, status);
}

Result<> store_usage(UserPtr<ResourceUsage> destination, const WaitReport& report)
{
    if (destination.is_null())
        return {};
    return user::store(destination, ResourceUsage::of(report.times));
}

}  // namespace

Result<u64> sys_wait4(const Arguments& arguments)
{
    const u32 options = arguments.as_u32(2);
    if ((options & ~(no_hang | stopped | continued | child_kinds)) != 0)
        return fail(Errno::inval);
    WaitRequest request = request_of(options);
    TRY(select_wait4(request, arguments.as_int(0)));
    const auto report = TRY(wait_for_child(current_process(), request));
    if (report.id != 0 && arguments[1] != 0)
        TRY(user::store(arguments.pointer<int>(1), report.status));
    if (report.id != 0)
        TRY(store_usage(arguments.pointer<ResourceUsage>(3), report));
    return report.id;
}

Result<u64> sys_waitid(const Arguments& arguments)
{
    const u32 options = arguments.as_u32(3);
    if ((options & ~(no_hang | stopped | exited | continued | no_wait | child_kinds)) != 0 ||
        (options & (stopped | exited | continued)) == 0)
        return fail(Errno::inval);
    WaitRequest request = request_of(options);
    request.exited = (options & exited) != 0;
    request.keep = (options & no_wait) != 0;
    TRY(select_waitid(request, arguments.as_u32(0), arguments.as_u32(1)));
    const auto report = TRY(wait_for_child(current_process(), request));
    if (arguments[2] != 0) {
        UserSignalInfo info{.info = describe(report)};
        TRY(user::store(arguments.pointer<UserSignalInfo>(2), info));
    }
    TRY(store_usage(arguments.pointer<ResourceUsage>(4), report));
    return 0;
}

}  // namespace tenon::syscall
