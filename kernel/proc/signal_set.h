#pragma once

#include <bit>

#include "kernel/lib/types.h"

namespace tenon {

// Signal numbers of arm64 Linux.
namespace signal_number {
constexpr int hang_up = 1;
constexpr int interrupt = 2;
constexpr int quit = 3;
constexpr int illegal_instruction = 4;
constexpr int trap = 5;
constexpr int abort = 6;
constexpr int bus_error = 7;
constexpr int floating_point = 8;
constexpr int kill = 9;
constexpr int user_1 = 10;
constexpr int segmentation_fault = 11;
constexpr int user_2 = 12;
constexpr int pipe = 13;
constexpr int alarm = 14;
constexpr int terminate = 15;
constexpr int stack_fault = 16;
constexpr int child = 17;
constexpr int continue_ = 18;
constexpr int stop = 19;
constexpr int terminal_stop = 20;
constexpr int terminal_input = 21;
constexpr int terminal_output = 22;
constexpr int urgent = 23;
constexpr int cpu_time = 24;
constexpr int file_size = 25;
constexpr int virtual_alarm = 26;
constexpr int profile = 27;
constexpr int window_change = 28;
constexpr int bad_system_call = 31;
constexpr int first_real_time = 32;
constexpr int count = 64;  // valid numbers are 1..count
}  // namespace signal_number

// A set of signals 1..64 in the layout of sigset_t.
class SignalSet {
public:
    constexpr SignalSet() = default;
    explicit constexpr SignalSet(u64 bits) : bits_(bits) {}
    template <typename... Numbers>
    static constexpr SignalSet of(Numbers... numbers)
    {
        return SignalSet((u64{0} | ... | bit(numbers)));
    }

    constexpr u64 bits() const { return bits_; }
    constexpr bool contains(int number) const { return (bits_ & bit(number)) != 0; }
    constexpr bool is_empty() const { return bits_ == 0; }
    constexpr void add(int number) { bits_ |= bit(number); }
    constexpr void remove(int number) { bits_ &= ~bit(number); }
    constexpr int lowest() const { return std::countr_zero(bits_) + 1; }  // not of an empty set

    constexpr SignalSet operator|(SignalSet other) const { return SignalSet(bits_ | other.bits_); }
    constexpr SignalSet operator&(SignalSet other) const { return SignalSet(bits_ & other.bits_); }
    constexpr SignalSet operator~() const { return SignalSet(~bits_); }
    constexpr bool operator==(const SignalSet&) const = default;

private:
    static constexpr u64 bit(int number) { return u64{1} << (number - 1); }

    u64 bits_ = 0;
};

// What no process can block, ignore or handle.
constexpr SignalSet unblockable_signals = SignalSet::of(signal_number::kill, signal_number::stop);
constexpr SignalSet stop_signals = SignalSet::of(signal_number::stop, signal_number::terminal_stop,
                                                 signal_number::terminal_input, signal_number::terminal_output);
// What a fault of the running instruction raises; delivered before others.
constexpr SignalSet synchronous_signals =
    SignalSet::of(signal_number::segmentation_fault, signal_number::bus_error, signal_number::illegal_instruction,
                  signal_number::trap, signal_number::floating_point, signal_number::bad_system_call);

// Those whose default action is to end the process with a dump of its memory (signal(7)).
constexpr SignalSet dump_signals =
    synchronous_signals | SignalSet::of(signal_number::quit, signal_number::abort, signal_number::cpu_time, signal_number::file_size);

enum class DefaultAction : u8 { terminate, ignore, stop, continue_ };

constexpr DefaultAction default_action(int number)
{
    if (stop_signals.contains(number))
        return DefaultAction::stop;
    if (number == signal_number::continue_)
        return DefaultAction::continue_;
    if (number == signal_number::child || number == signal_number::urgent || number == signal_number::window_change)
        return DefaultAction::ignore;
    return DefaultAction::terminate;
}

}  // namespace tenon
