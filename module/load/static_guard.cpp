#include "module/load/static_guard.h"

#include <atomic>

#include <tenon/sync.h>

namespace tenon::modload {
namespace {

constexpr u32 idle = 0, constructing = 1;

WaitQueue guards_changed;  // of all guards: constructions that somebody waits for are rare

std::atomic_ref<u8> done_byte(u64& guard)
{
    return std::atomic_ref<u8>(*reinterpret_cast<u8*>(&guard));
}

std::atomic_ref<u32> state_of(u64& guard)
{
    return std::atomic_ref<u32>(*(reinterpret_cast<u32*>(&guard) + 1));
}

bool is_done(u64& guard)
{
    return done_byte(guard).load(std::memory_order_acquire) != 0;
}

void leave(u64& guard)
{
    state_of(guard).store(idle, std::memory_order_release);
    guards_changed.wake_all();
}

}  // namespace

bool acquire_guard(u64& guard)
{
    while (!is_done(guard)) {
        u32 expected = idle;
        if (state_of(guard).compare_exchange_strong(expected, constructing, std::memory_order_acquire)) {
            if (!is_done(guard))
                return true;
            leave(guard);  // another thread was done in between
            return false;
        }
        static_cast<void>(guards_changed.wait_until(
            Interruptible::no, [&] { return is_done(guard) || state_of(guard).load(std::memory_order_acquire) == idle; }));
    }
    return false;
}

void release_guard(u64& guard)
{
    done_byte(guard).store(1, std::memory_order_release);
    leave(guard);
}

void abort_guard(u64& guard)
{
    leave(guard);
}

}  // namespace tenon::modload
