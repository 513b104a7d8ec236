#include "kernel/proc/kernel_latency.h"

#include "kernel/fs/procfs/procfs.h"
#include "kernel/thread/scheduler.h"
#include "kernel/time/timer.h"
#include <tenon/time.h>

namespace tenon::kernel_latency {
namespace {

class Questions final : public Timer {
public:
    void start()
    {
        due_ = monotonic_now() + period;
        arm(due_);
    }

private:
    void timer_expired() override
    {
        scheduler::ask_for_points(due_);
        due_ = monotonic_now() + period;
        arm(due_);
    }

    u64 due_ = 0;
};

Questions questions;
Mutex control;  // one writer at a time starts or stops

Result<> store(std::string_view text)
{
    const bool on = text.starts_with('1');
    if (!on && !text.starts_with('0'))
        return fail(Errno::inval);
    LockGuard guard(control);
    questions.disarm();
    if (!on)
        return {};
    scheduler::forget_longest_stay();
    questions.start();
    return {};
}

void print(TextSink& out)
{
    const scheduler::Stay longest = scheduler::longest_stay();
    format_to(out, "{} {} {}\n", longest.nanoseconds, longest.thread.size() != 0 ? longest.thread.view() : "-",
              longest.system_call);
}

}  // namespace

Result<> initialise()
{
    constexpr u32 for_root = 0600;
    return procfs::root().add_file("kernel_latency", for_root, print, store);
}

}  // namespace tenon::kernel_latency
