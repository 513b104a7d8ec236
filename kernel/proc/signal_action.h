#pragma once

#include <array>

#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/proc/signal_set.h"
#include <tenon/sync.h>

namespace tenon {

// struct sigaction of arm64 Linux, as rt_sigaction passes it.
struct SignalAction {
    static constexpr u64 handler_default = 0;
    static constexpr u64 handler_ignore = 1;
    static constexpr u64 no_child_stop = 1;
    static constexpr u64 no_child_wait = 2;
    static constexpr u64 with_info = 4;
    static constexpr u64 restorer_given = 0x0400'0000;
    static constexpr u64 on_alternate_stack = 0x0800'0000;
    static constexpr u64 restart = 0x1000'0000;
    static constexpr u64 no_defer = 0x4000'0000;
    static constexpr u64 reset_handler = 0x8000'0000;

    u64 handler = handler_default;
    u64 flags = 0;
    u64 restorer = 0;
    SignalSet mask;

    bool is_default() const { return handler == handler_default; }
    bool is_ignored() const { return handler == handler_ignore; }
    bool has_handler() const { return !is_default() && !is_ignored(); }
};
static_assert(sizeof(SignalAction) == 32);

// stack_t.
struct SignalStack {
    static constexpr u32 on_stack = 1;
    static constexpr u32 disabled = 2;

    u64 start = 0;
    u32 flags = disabled;
    u32 padding = 0;
    u64 size = 0;

    // Whether `stack_pointer` stands inside it.
    bool contains(u64 stack_pointer) const { return flags != disabled && stack_pointer - start - 1 < size; }
};
static_assert(sizeof(SignalStack) == 24);

// What a process does about each signal; shared between processes after clone(CLONE_SIGHAND). The lock nests inside that of
// SignalState.
class SignalActions final : public RefCounted {
public:
    static Result<Ref<SignalActions>> create();
    Result<Ref<SignalActions>> clone() const;

    SignalAction get(int number) const;
    // Returns the former one.
    SignalAction set(int number, const SignalAction& action);
    // Whether the signal does nothing, also when that is the default.
    bool ignores(int number) const;
    // For execve: handlers become default, what is ignored stays so.
    void reset_handlers();

private:
    SignalActions() = default;

    mutable Spinlock lock_;
    std::array<SignalAction, signal_number::count> actions_;  // protected by lock_; [number - 1]
};

}  // namespace tenon
