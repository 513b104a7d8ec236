#include "tests/litmus/model/replay.h"

namespace litmus {
namespace {

// Ends the code of a CPU at the step that it has not made yet.
struct Suspended {};

}  // namespace

Value Cpu::step(Step step)
{
    if (done_ == read_.size()) {
        next_ = std::move(step);
        throw Suspended{};
    }
    return read_[done_++];
}

Replay::Replay(const std::function<void(Cpu&)>& code, std::vector<Value> read)
{
    cpu_.read_ = std::move(read);
    try {
        code(cpu_);
    } catch (const Suspended&) {
    }
}

namespace {

Step access(Location location, Order order, std::source_location site, bool reads, bool writes)
{
    Step step;
    step.event.order = order;
    step.event.location = location;
    step.event.reads = reads;
    step.event.writes = writes;
    step.event.site = site;
    return step;
}

Step update(Location location, Order order, std::source_location site, std::function<std::optional<Value>(Value)> change)
{
    Step step = access(location, order, site, true, true);
    step.update = std::move(change);
    return step;
}

}  // namespace

Value Cpu::load(Location from, Order order, Site site)
{
    return step(access(from, order, site, true, false));
}

void Cpu::store(Location to, Value value, Order order, Site site)
{
    Step store = access(to, order, site, false, true);
    store.event.value_written = value;
    step(std::move(store));
}

Value Cpu::exchange(Location at, Value value, Order order, Site site)
{
    return step(update(at, order, site, [=](Value) { return value; }));
}

Value Cpu::fetch_add(Location at, Value value, Order order, Site site)
{
    return step(update(at, order, site, [=](Value read) { return read + value; }));
}

Value Cpu::fetch_or(Location at, Value bits, Order order, Site site)
{
    return step(update(at, order, site, [=](Value read) { return read | bits; }));
}

Value Cpu::fetch_and(Location at, Value bits, Order order, Site site)
{
    return step(update(at, order, site, [=](Value read) { return read & bits; }));
}

bool Cpu::compare_exchange(Location at, Value& expected, Value desired, Order success, Order failure, Site site)
{
    const Value wanted = expected;
    Step exchange = update(at, success, site, [=](Value read) { return read == wanted ? std::optional(desired) : std::nullopt; });
    exchange.order_without_update = failure;
    expected = step(std::move(exchange));
    return expected == wanted;
}

void Cpu::fence(Order order, Site site)
{
    step(access(0, order, site, false, false));
}

Value Cpu::read(Location from, Site site)
{
    return load(from, Order::plain, site);
}

void Cpu::write(Location to, Value value, Site site)
{
    store(to, value, Order::plain, site);
}

Value Cpu::wait_until(Location at, std::function<bool(Value)> condition, Order order, Site site)
{
    Step wait = access(at, order, site, true, false);
    wait.awaits = std::move(condition);
    return step(std::move(wait));
}

void Cpu::wait_until_exchanged(Location at, Value expected, Value desired, Order order, Site site)
{
    Step wait = update(at, order, site, [=](Value) { return desired; });
    wait.awaits = [=](Value read) { return read == expected; };
    step(std::move(wait));
}

void Cpu::require(bool condition, Site site)
{
    if (!condition && !violation_)
        violation_ = site;
}

}  // namespace litmus
