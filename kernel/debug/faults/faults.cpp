#include "kernel/debug/faults/faults.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <new>

#include <tenon/memory.h>
#include <tenon/sync.h>
#include <tenon/time.h>

// The architecture's: uses a register that belongs to the running program.
extern "C" void use_fp_register();

namespace tenon {
namespace {

// Keeps the compiler from knowing what it could know.
template <typename T>
T hidden(T value)
{
    asm volatile("" : "+r"(value));
    return value;
}

std::array<char, 24> variable;
int indexed[8];

struct Fault {
    std::string_view name;
    void (*plant)();
};

constexpr usize object_size = 40;

void use_after_free()
{
    char* const object = hidden(new (std::nothrow) char[object_size]);
    delete[] object;
    *hidden(object) = 1;  // after its end
}

void overflow_by_one()
{
    char* const object = hidden(new (std::nothrow) char[object_size]);
    hidden(object)[object_size] = 1;
    delete[] object;
}

void overflow_by_copying()
{
    char* const object = hidden(new (std::nothrow) char[object_size]);
    std::memcpy(object, variable.data(), 16);
    std::memset(hidden(object), 0, hidden(object_size + 8));
    delete[] object;
}

void overflow_of_variable()
{
    *hidden(variable.data() + hidden(variable.size())) = 1;
}

void overflow_on_stack()
{
    std::array<char, 24> local{};
    char* const start = hidden(local.data());
    start[hidden(local.size())] = 1;
}

void free_twice()
{
    char* const object = hidden(new (std::nothrow) char[object_size]);
    delete[] object;
    delete[] hidden(object);
}

void free_of_middle()
{
    char* const object = hidden(new (std::nothrow) char[object_size]);
    delete[] hidden(object + 16);
    delete[] object;
}

void shift_too_far()
{
    static_cast<void>(hidden(hidden(1u) << hidden(33)));
}

void overflow_of_number()
{
    static_cast<void>(hidden(hidden(0x7fff'ffff) + hidden(1)));
}

void index_too_high()
{
    static_cast<void>(hidden(indexed[hidden(8)]));
}

void unaligned_access()
{
    alignas(u64) static std::array<char, 2 * sizeof(u64)> bytes;
    static_cast<void>(hidden(*reinterpret_cast<const u64*>(hidden(bytes.data() + 1))));
}

// Longer than the watch over long calls lets pass, without a resched_point(); nearly always in this function itself.
void long_call()
{
    const u64 start = monotonic_now();
    while (monotonic_now() - start < 5 * nanoseconds_per_second)
        for (u32 turn = 0; turn < 1'000'000; ++turn)
            asm volatile("");
}

void fp_register()
{
    use_fp_register();
}

void left_behind()
{
    static_cast<void>(hidden(new (std::nothrow) char[object_size]));
}

// No mistake: two classes of locks to know.
void locks_in_order()
{
    static Mutex outer_lock;
    static Mutex inner_lock;
    LockGuard outer(outer_lock);
    LockGuard inner(inner_lock);
}

void lock_cycle()
{
    static Mutex first;
    static Mutex second;
    {
        LockGuard outer(first);
        LockGuard inner(second);
    }
    LockGuard outer(second);
    LockGuard inner(first);
}

void spinlock_cycle()
{
    static constinit Spinlock first;
    static constinit Spinlock second;
    {
        LockGuard outer(first);
        LockGuard inner(second);
    }
    LockGuard outer(second);
    LockGuard inner(first);
}

void sleep_under_lock()
{
    static constinit Spinlock lock;
    LockGuard guard(lock);
    static_cast<void>(sleep_for(1, Interruptible::no));
}

constexpr std::array faults{
    Fault{"use-after-free", use_after_free},
    Fault{"overflow-by-one", overflow_by_one},
    Fault{"overflow-by-copying", overflow_by_copying},
    Fault{"overflow-of-variable", overflow_of_variable},
    Fault{"overflow-on-stack", overflow_on_stack},
    Fault{"free-twice", free_twice},
    Fault{"free-of-middle", free_of_middle},
    Fault{"shift-too-far", shift_too_far},
    Fault{"overflow-of-number", overflow_of_number},
    Fault{"index-too-high", index_too_high},
    Fault{"unaligned-access", unaligned_access},
    Fault{"long-call", long_call},
    Fault{"fp-register", fp_register},
    Fault{"left-behind", left_behind},
    Fault{"locks-in-order", locks_in_order},
    Fault{"lock-cycle", lock_cycle},
    Fault{"spinlock-cycle", spinlock_cycle},
    Fault{"sleep-under-lock", sleep_under_lock},
};

constexpr std::string_view byte_at_prefix = "byte-at ";

[[gnu::noinline]] void byte_at(u64 address)
{
    static_cast<void>(hidden(*reinterpret_cast<const char*>(address)));
}

}  // namespace

bool plant_fault(std::string_view name)
{
    if (name.starts_with(byte_at_prefix)) {
        u64 address = 0;
        name.remove_prefix(byte_at_prefix.size());
        if (std::from_chars(name.data(), name.data() + name.size(), address, 16).ec != std::errc())
            return false;
        byte_at(address);
        return true;
    }
    const auto found = std::ranges::find(faults, name, &Fault::name);
    if (found == faults.end())
        return false;
    found->plant();
    return true;
}

}  // namespace tenon
