#pragma once

#include <functional>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "tests/litmus/model/execution.h"

namespace litmus {

// An order at one place of a pattern, and a weaker one to try there.
struct Weakening {
    std::source_location site;
    Order from;
    Order to;
};

// What the next step of a CPU would be.
struct Step {
    Event event;
    // Of a read-modify-write: what is written in place of `read`; nothing when it writes nothing then (a compare-exchange that fails).
    std::function<std::optional<Value>(Value read)> update;
    Order order_without_update = Order::relaxed;
    std::function<bool(Value read)> awaits;  // it goes on only with such a value; empty: with each
};

// A CPU as a pattern's code sees it. The code runs anew from its beginning for each execution, so it must depend on nothing but what
// it reads here. Orders are those of the kernel's code; places are told apart by line and column.
class Cpu {
public:
    using Site = std::source_location;

    Value load(Location from, Order order, Site site = Site::current());
    void store(Location to, Value value, Order order, Site site = Site::current());
    Value exchange(Location at, Value value, Order order, Site site = Site::current());
    Value fetch_add(Location at, Value value, Order order, Site site = Site::current());
    Value fetch_or(Location at, Value bits, Order order, Site site = Site::current());
    Value fetch_and(Location at, Value bits, Order order, Site site = Site::current());
    // The strong form. `expected` becomes what was read.
    bool compare_exchange(Location at, Value& expected, Value desired, Order success, Order failure = Order::relaxed,
                          Site site = Site::current());
    void fence(Order order, Site site = Site::current());

    // Memory that is not atomic: a race is a violation.
    Value read(Location from, Site site = Site::current());
    void write(Location to, Value value, Site site = Site::current());

    // Loops, of which only the last round is an event; a CPU for which that round never comes is stuck, which is a violation.
    Value wait_until(Location at, std::function<bool(Value)> condition, Order order, Site site = Site::current());
    void wait_until_exchanged(Location at, Value expected, Value desired, Order order, Site site = Site::current());

    void require(bool condition, Site site = Site::current());

private:
    friend class Replay;

    Value step(Step step);

    std::vector<Value> read_;  // what it has read so far, by step
    std::size_t done_ = 0;
    std::optional<Step> next_;
    std::optional<std::source_location> violation_;
};

// A few CPUs that run short pieces of code over shared memory, in every way that the memory model permits.
class Pattern {
public:
    Location location(std::string_view name, Value initial = 0);
    void cpu(std::function<void(Cpu&)> code) { codes_.push_back(std::move(code)); }
    // Asked with the last value of each place after all CPUs are done.
    void finally(std::function<bool(const std::vector<Value>&)> condition) { final_ = std::move(condition); }

    struct Result {
        std::optional<std::string> violation;  // an execution that breaks a rule, step by step
        std::vector<Weakening> weakenings;     // what could be tried
        std::size_t executions = 0;            // complete ones
    };
    Result explore(const std::optional<Weakening>& weakening = std::nullopt) const;

    // "holds" when no execution breaks a rule and each weaker order would permit one that does; else what is wrong.
    std::string verdict() const;

private:
    friend class Explorer;

    std::vector<std::string> names_;
    std::vector<Value> initial_;
    std::vector<std::function<void(Cpu&)>> codes_;
    std::function<bool(const std::vector<Value>&)> final_;
};

}  // namespace litmus
