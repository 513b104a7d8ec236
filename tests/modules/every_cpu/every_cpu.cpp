// Calls every CPU: `echo N > parameters/call` makes N calls, `parameters/call` shows how often the function has run in all.
// `echo N > parameters/hold` keeps this CPU's interrupts off for a millisecond N times.

#include <atomic>
#include <charconv>

#include <tenon/cpu.h>
#include <tenon/module.h>
#include <tenon/sync.h>
#include <tenon/time.h>

using namespace tenon;

namespace {

std::atomic<u64> runs{0};
Spinlock lock;

Result<u64> number(const std::string_view* text)
{
    u64 value = 0;
    if (text == nullptr || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc())
        return fail(Errno::inval);
    return value;
}

// The counts on the stack tell whether a CPU still runs the function when the call has returned.
Result<> call(const Parameter&, const std::string_view* text)
{
    for (u64 left = TRY(number(text)); left != 0; --left) {
        std::atomic<u64> entered{0};
        std::atomic<u64> done{0};
        run_on_all_cpus([&] {
            entered.fetch_add(1, std::memory_order_relaxed);
            runs.fetch_add(1, std::memory_order_relaxed);
            done.fetch_add(1, std::memory_order_relaxed);
        });
        if (entered.load(std::memory_order_relaxed) != done.load(std::memory_order_relaxed))
            return fail(Errno::io);
    }
    return {};
}

Result<> hold(const Parameter&, const std::string_view* text)
{
    for (u64 left = TRY(number(text)); left != 0; --left) {
        const LockGuard guard(lock);
        const u64 end = monotonic_now() + nanoseconds_per_second / 1000;
        while (monotonic_now() < end) {
        }
    }
    return {};
}

void print_runs(const Parameter&, TextSink& out)
{
    format_to(out, "{}", runs.load(std::memory_order_relaxed));
}

constexpr ParameterOperations call_operations = {call, print_runs};
constexpr ParameterOperations hold_operations = {hold, print_runs};

}  // namespace

module_param_custom(call, call_operations, runs, "count", 0600);
module_param_custom(hold, hold_operations, runs, "count", 0600);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: calls to all CPUs at once");
