#include "kernel/proc/wait.h"

#include <optional>

#include "kernel/proc/process_table.h"
#include "kernel/proc/signal_set.h"

namespace tenon {

namespace {

// What one look at the children gives.
struct Found {
    Result<WaitReport> report = fail(Errno::child);
    Ref<Process> reaped;  // taken out of its parent's children
    bool settled = false;
};

bool matches(const Process& child, const WaitRequest& request)
{
    const bool is_plain = child.exit_signal == signal_number::child;
    const bool is_wanted = request.kind == WaitRequest::Kind::all || is_plain == (request.kind == WaitRequest::Kind::plain);
    if (!is_wanted || (request.own_thread && child.parent_thread != current_user_thread().id()))
        return false;
    switch (request.which) {
    case WaitRequest::Which::any: return true;
    case WaitRequest::Which::id: return child.id == request.id;
    case WaitRequest::Which::group: return child.group == request.id;
    }
    return false;
}

std::optional<int> event_of(Process& child, const WaitRequest& request)
{
    if (child.state == Process::State::zombie)
        return request.exited ? std::optional(child.exit_status) : std::nullopt;
    if (request.stopped && child.state == Process::State::stopped && !child.stop_reported) {
        child.stop_reported = !request.keep;
        return child.stop_status;
    }
    if (request.continued && !child.continue_reported) {
        child.continue_reported = !request.keep;
        return status_continued;
    }
    return std::nullopt;
}

Found look(Process& parent, const WaitRequest& request)
{
    LockGuard guard(process_table::lock);
    Found found;
    bool exists = false;
    for (Process& child : parent.children) {
        if (!matches(child, request))
            continue;
        exists = true;
        const auto status = event_of(child, request);
        if (!status)
            continue;
        const Process::Times times = child.times_locked() + child.children_times;
        found.report = WaitReport{.id = child.id, .user = child.share_credentials()->user.real, .status = *status, .times = times};
        found.settled = true;
        if (child.state == Process::State::zombie && !request.keep) {
            parent.children_times = parent.children_times + times;
            parent.children.erase(parent.children.iterator_to(child));
            found.reaped = Ref<Process>(&child);
        }
        return found;
    }
    if (exists && request.no_wait)
        found.report = WaitReport();
    found.settled = !exists || request.no_wait;
    return found;
}

}  // namespace

Result<WaitReport> wait_for_child(Process& parent, const WaitRequest& request)
{
    Found found;
    const auto waited = parent.child_events.wait_until(Interruptible::yes, [&] {
        found = look(parent, request);
        return found.settled;
    });
    if (!waited)
        return fail(Errno::restart);
    if (found.reaped)
        process_table::remove_zombie(*found.reaped);
    return found.report;
}

}  // namespace tenon
