#include "kernel/thread/sanitizer/long_calls.h"

#include "kernel/arch.h"
#include "kernel/thread/run_queue.h"

namespace tenon::long_calls {
namespace {

// Of one CPU, which alone looks at it.
struct Watch {
    std::atomic<u64> points{0};  // resched points passed
    u64 seen_points = 0;         // those and the quiescent points, when the call was seen first
    u64 last_turn = 0;           // counter() at the interrupt that was counted last
    u32 turns = 0;
};
constinit std::array<Watch, arch::max_cpus> watches;

}  // namespace

// The thread may be moved meanwhile: then that CPU, too, counts a point that somebody has passed.
void note_point()
{
    watches[arch::cpu_index()].points.fetch_add(1, std::memory_order_relaxed);
}

bool note_interrupt()
{
    const unsigned cpu = arch::cpu_index();
    const RunQueue& queue = scheduler::queues[cpu];
    Watch& watch = watches[cpu];
    const u64 points = watch.points.load(std::memory_order_relaxed) + queue.quiescent_points.load(std::memory_order_relaxed);
    const u64 now = arch::counter();
    if (points != watch.seen_points || queue.current == queue.idle) {
        watch.seen_points = points;
        watch.last_turn = now;
        watch.turns = 0;
        return false;
    }
    if (now - watch.last_turn < arch::counter_frequency() / scheduler::tick_rate / 2)
        return false;
    watch.last_turn = now;
    return ++watch.turns == limit;
}

}  // namespace tenon::long_calls
