#include "tests/core/threads.h"

#include <cstdlib>
#include <vector>

#include "kernel/lib/panic.h"
#include "kernel/thread/scheduler.h"
#include "kernel/thread/thread.h"
#include <tenon/sync.h>
#include <tenon/time.h>

namespace tenon::test {
namespace {

constexpr u64 tests = 20;

struct Crowd {
    void (*body)(void*, unsigned);
    void* target;
    std::atomic<unsigned> running;
    Completion all_done;
};

struct Member {
    Crowd* crowd;
    unsigned index;
};

void run_member(void* argument)
{
    const Member member = *static_cast<const Member*>(argument);
    member.crowd->body(member.crowd->target, member.index);
    if (member.crowd->running.fetch_sub(1, std::memory_order_acq_rel) == 1)
        member.crowd->all_done.complete();
    scheduler::exit_thread();
}

}  // namespace

unsigned seconds_in_all()
{
    constexpr unsigned usual = 3;
    const char* const seconds = std::getenv("TENON_CORE_SECONDS");
    return seconds == nullptr ? usual : static_cast<unsigned>(std::strtoul(seconds, nullptr, 10));
}

Time::Time() : end_(monotonic_now() + seconds_in_all() * nanoseconds_per_second / tests) {}

bool Time::is_left() const
{
    return monotonic_now() < end_;
}

void detail::run_threads(unsigned count, void (*body)(void*, unsigned), void* target)
{
    Crowd crowd{.body = body, .target = target, .running = count, .all_done = {}};
    std::vector<Member> members;
    for (unsigned index = 0; index < count; ++index)
        members.push_back({&crowd, index});
    for (Member& member : members) {
        const auto thread = Thread::create("member", run_member, &member);
        expect(thread.has_value(), "no thread");
        scheduler::start_thread(**thread);
    }
    expect(crowd.all_done.wait(Interruptible::no).has_value(), "an uninterruptible wait was interrupted");
}

}  // namespace tenon::test
