// Mistakes of module authors that the kernel notices and goes on after: their names are written to parameters/make, or given to init and
// exit, which come back with a lock held then.

#include <algorithm>
#include <iterator>
#include <new>
#include <string_view>

#include <tenon/cpu.h>
#include <tenon/module.h>
#include <tenon/sync.h>
#include <tenon/time.h>

using namespace tenon;

namespace {

Spinlock spinlock;
Mutex mutex;
WaitQueue queue;
int spin_seconds = 2;
const char* at_start = "";
const char* at_end = "";
bool unused;

void take_mutex_under_spinlock()
{
    LockGuard outer(spinlock);
    LockGuard inner(mutex);
}

void wait_under_spinlock()
{
    LockGuard guard(spinlock);
    static_cast<void>(queue.wait_until(Interruptible::yes, [] { return true; }));
}

void sleep_under_spinlock()
{
    LockGuard guard(spinlock);
    static_cast<void>(sleep_for(1'000'000, Interruptible::no));
}

void pause_under_spinlock()
{
    LockGuard guard(spinlock);
    static_cast<void>(resched_point());
}

// The other processors run it in an interrupt.
void pause_in_interrupt()
{
    run_on_all_cpus([] {
        static_cast<void>(resched_point());
        asm volatile("");  // comes back here
    });
}

void keep_spinlock()
{
    spinlock.lock();
}

void free_twice()
{
    char* const object = new (std::nothrow) char[48];
    char* const again = std::launder(object);
    delete[] object;
    asm volatile("" ::: "memory");
    delete[] again;
}

void free_variable()
{
    char* address = reinterpret_cast<char*>(&unused);
    asm volatile("" : "+r"(address));
    delete[] address;
}

void free_pages_twice()
{
    char* const object = new (std::nothrow) char[20'000];
    char* again = object;
    asm volatile("" : "+r"(again));
    delete[] object;
    delete[] again;
}

void spin()
{
    const u64 end = monotonic_now() + static_cast<u64>(spin_seconds) * nanoseconds_per_second;
    while (monotonic_now() < end)
        asm volatile("" ::: "memory");
}

void spin_under_spinlock()
{
    LockGuard guard(spinlock);
    spin();
}

struct Mistake {
    std::string_view name;
    void (*make)();
};
constexpr Mistake mistakes[] = {
    {"take-mutex-under-spinlock", take_mutex_under_spinlock},
    {"wait-under-spinlock", wait_under_spinlock},
    {"sleep-under-spinlock", sleep_under_spinlock},
    {"pause-under-spinlock", pause_under_spinlock},
    {"pause-in-interrupt", pause_in_interrupt},
    {"keep-spinlock", keep_spinlock},
    {"free-twice", free_twice},
    {"free-variable", free_variable},
    {"free-pages-twice", free_pages_twice},
    {"spin", spin},
    {"spin-under-spinlock", spin_under_spinlock},
};

Result<> make_mistake(std::string_view name)
{
    const auto* const mistake = std::ranges::find(mistakes, name, &Mistake::name);
    if (mistake == std::end(mistakes))
        return fail(Errno::inval);
    mistake->make();
    return {};
}

Result<> store(const Parameter&, const std::string_view* name)
{
    return name == nullptr ? fail(Errno::inval) : make_mistake(*name);
}

constexpr ParameterOperations operations = {store, nullptr};

Result<> start()
{
    return *at_start == '\0' ? Result<>() : make_mistake(at_start);
}

void stop()
{
    if (*at_end != '\0')
        static_cast<void>(make_mistake(at_end));
}

}  // namespace

module_init(start);
module_exit(stop);
module_param_custom(make, operations, unused, "name of a mistake", 0200);
module_param_named(init, at_start, charp, 0444);
module_param_named(exit, at_end, charp, 0644);
module_param(spin_seconds, int, 0644);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: mistakes that the kernel notices");
