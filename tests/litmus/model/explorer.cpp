#include <algorithm>
#include <unordered_set>

#include "tests/litmus/model/replay.h"

namespace litmus {
namespace {

bool is_same(const std::source_location& a, const std::source_location& b)
{
    return a.line() == b.line() && a.column() == b.column() && std::string_view(a.file_name()) == b.file_name();
}

// The next weaker orders that make a difference to such an event.
std::vector<Order> weaker(const Event& event)
{
    const bool both = event.is_fence() || (event.reads && event.writes);
    switch (event.order) {
    case Order::seq_cst: return {both ? Order::acq_rel : event.reads ? Order::acquire : Order::release};
    case Order::acq_rel: return {Order::acquire, Order::release};
    case Order::acquire:
    case Order::release: return {Order::relaxed};
    default: return {};
    }
}

}  // namespace

// Builds every execution step by step, each only once, and looks at all of them for violations.
class Explorer {
public:
    Explorer(const Pattern& pattern, const std::optional<Weakening>& weakening) : pattern_(pattern), weakening_(weakening)
    {
        Execution start;
        for (Location location = 0; location < pattern.initial_.size(); ++location) {
            Event event;
            event.location = location;
            event.writes = true;
            event.value_written = pattern.initial_[location];
            start.modifications.push_back({start.events.size()});
            start.events.push_back(event);
        }
        visit(start);
    }

    Pattern::Result result;

private:
    void visit(const Execution& execution)
    {
        if (result.violation || !seen_.insert(execution.key()).second)
            return;
        if (execution.race())
            return violate(execution, "a race");
        bool all_done = true;
        bool can_go_on = false;
        for (std::size_t cpu = 0; cpu < pattern_.codes_.size() && !result.violation; ++cpu) {
            const Replay replay = replay_of(execution, cpu);
            if (replay.violation())
                return violate(execution, "the requirement of line " + std::to_string(replay.violation()->line()) + " fails");
            if (!replay.next())
                continue;
            all_done = false;
            can_go_on = extend(execution, cpu, *replay.next()) || can_go_on;
        }
        if (!can_go_on && !result.violation)
            finish(execution, all_done);
    }

    Replay replay_of(const Execution& execution, std::size_t cpu) const
    {
        std::vector<Value> read;
        for (const Event& event : execution.events)
            if (event.cpu == static_cast<int>(cpu))
                read.push_back(event.value_read);
        return Replay(pattern_.codes_[cpu], std::move(read));
    }

    void finish(const Execution& execution, bool all_done)
    {
        if (!all_done)
            return violate(execution, "a CPU waits for ever");
        ++result.executions;
        std::vector<Value> last;
        for (const auto& writes : execution.modifications)
            last.push_back(execution.events[writes.back()].value_written);
        if (pattern_.final_ && !pattern_.final_(last))
            violate(execution, "the final requirement fails");
    }

    // Whether there is a way on, seen before or not.
    bool extend(const Execution& execution, std::size_t cpu, Step step)
    {
        step.event.cpu = static_cast<int>(cpu);
        note_weakenings(step);
        if (weakening_ && is_same(weakening_->site, step.event.site) && step.event.order == weakening_->from)
            step.event.order = weakening_->to;
        if (step.event.is_fence())
            return append(execution, step.event, std::nullopt);
        if (!step.event.reads)
            return write_everywhere(execution, step.event);
        bool can_go_on = false;
        const auto& writes = execution.modifications[step.event.location];
        for (std::size_t i = 0; i < writes.size(); ++i) {
            Event event = step.event;
            event.source = writes[i];
            event.value_read = execution.events[writes[i]].value_written;
            if (step.awaits && !step.awaits(event.value_read))
                continue;
            const std::optional<Value> written = step.update ? step.update(event.value_read) : std::nullopt;
            if (event.writes && !written) {
                event.writes = false;
                event.order = step.order_without_update;
            }
            event.value_written = written.value_or(0);
            can_go_on = append(execution, event, event.writes ? std::optional(i + 1) : std::nullopt) || can_go_on;
        }
        return can_go_on;
    }

    // Behind each write that is there; the initial value comes first.
    bool write_everywhere(const Execution& execution, const Event& event)
    {
        bool can_go_on = false;
        for (std::size_t place = 1; place <= execution.modifications[event.location].size(); ++place)
            can_go_on = append(execution, event, place) || can_go_on;
        return can_go_on;
    }

    bool append(const Execution& execution, const Event& event, std::optional<std::size_t> place)
    {
        Execution longer = execution;
        longer.events.push_back(event);
        if (place) {
            auto& writes = longer.modifications[event.location];
            writes.insert(writes.begin() + static_cast<std::ptrdiff_t>(*place), longer.events.size() - 1);
        }
        if (!longer.is_consistent())
            return false;
        visit(longer);
        return true;
    }

    void note_weakenings(const Step& step)
    {
        if (weakening_)
            return;
        for (const Order to : weaker(step.event)) {
            const Weakening candidate{step.event.site, step.event.order, to};
            const bool known = std::any_of(result.weakenings.begin(), result.weakenings.end(), [&](const Weakening& other) {
                return is_same(other.site, candidate.site) && other.to == to;
            });
            if (!known)
                result.weakenings.push_back(candidate);
        }
    }

    void violate(const Execution& execution, std::string_view reason)
    {
        std::string text(reason);
        for (std::size_t i = 0; i < execution.events.size(); ++i) {
            const Event& event = execution.events[i];
            if (event.cpu == Event::initial)
                continue;
            text += "\n  cpu " + std::to_string(event.cpu) + " line " + std::to_string(event.site.line()) + ": ";
            text += event.is_fence() ? "fence" : pattern_.names_[event.location];
            if (event.reads)
                text += " read " + std::to_string(event.value_read);
            if (event.writes)
                text += " written " + std::to_string(event.value_written);
            text += " (" + std::string(name_of(event.order)) + ")";
        }
        result.violation = std::move(text);
    }

    const Pattern& pattern_;
    const std::optional<Weakening>& weakening_;
    std::unordered_set<std::string> seen_;
};

Location Pattern::location(std::string_view name, Value initial)
{
    names_.emplace_back(name);
    initial_.push_back(initial);
    return initial_.size() - 1;
}

Pattern::Result Pattern::explore(const std::optional<Weakening>& weakening) const
{
    return Explorer(*this, weakening).result;
}

std::string Pattern::verdict() const
{
    const Result result = explore();
    if (result.violation)
        return *result.violation;
    if (result.executions == 0)
        return "there is no execution at all";
    std::string text;
    for (const Weakening& weakening : result.weakenings)
        if (!explore(weakening).violation)
            text += "line " + std::to_string(weakening.site.line()) + ", column " + std::to_string(weakening.site.column()) + ": " +
                    std::string(name_of(weakening.to)) + " would do in place of " + std::string(name_of(weakening.from)) + "\n";
    return text.empty() ? "holds" : text;
}

}  // namespace litmus
