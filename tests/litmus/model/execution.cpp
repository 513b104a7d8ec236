#include "tests/litmus/model/execution.h"

#include <algorithm>
#include <array>

namespace litmus {
namespace {

// The relations that the axioms are made of, named as in the paper.
class Relations {
public:
    explicit Relations(const Execution& execution) : events_(execution.events)
    {
        order_program();
        order_communication(execution);
        synchronise();
        happens_before = (program_order | synchronises_with).transitive();
    }

    Relation program_order;       // sb
    Relation communication;       // eco
    Relation synchronises_with;   // sw
    Relation happens_before;      // hb
    Relation modification_order;  // mo
    Relation from_reads;          // rb

private:
    void order_program()
    {
        for (std::size_t later = 0; later < events_.size(); ++later)
            for (std::size_t earlier = 0; earlier < later; ++earlier) {
                const int cpu = events_[earlier].cpu;
                if (events_[later].cpu != Event::initial && (cpu == Event::initial || cpu == events_[later].cpu))
                    program_order.add(earlier, later);
            }
    }

    void order_communication(const Execution& execution)
    {
        Relation reads_from;
        for (const auto& writes : execution.modifications)
            for (std::size_t i = 0; i < writes.size(); ++i)
                for (std::size_t j = i + 1; j < writes.size(); ++j)
                    modification_order.add(writes[i], writes[j]);
        for (std::size_t reader = 0; reader < events_.size(); ++reader) {
            if (!events_[reader].reads)
                continue;
            reads_from.add(events_[reader].source, reader);
            for (const std::size_t write : execution.modifications[events_[reader].location])
                if (write != reader && modification_order.has(events_[reader].source, write))
                    from_reads.add(reader, write);
        }
        communication = (reads_from | modification_order | from_reads).transitive();
    }

    // Release sequences: what is read may come from a chain of read-modify-writes that begins with the write that releases.
    void synchronise()
    {
        for (std::size_t reader = 0; reader < events_.size(); ++reader) {
            if (!events_[reader].reads || events_[reader].order == Order::plain)
                continue;
            for (std::size_t head = events_[reader].source; events_[head].is_atomic_write(); head = events_[head].source) {
                synchronise(head, reader);
                if (!events_[head].reads)
                    break;
            }
        }
    }

    void synchronise(std::size_t writer, std::size_t reader)
    {
        for (std::size_t from = 0; from <= writer; ++from) {
            const bool is_source = from == writer || (events_[from].is_fence() && program_order.has(from, writer));
            if (!is_source || !releases(events_[from].order))
                continue;
            for (std::size_t to = reader; to < events_.size(); ++to) {
                const bool is_target = to == reader || (events_[to].is_fence() && program_order.has(reader, to));
                if (is_target && acquires(events_[to].order))
                    synchronises_with.add(from, to);
            }
        }
    }

    const std::vector<Event>& events_;
};

bool is_coherent(const Relations& relations)
{
    return relations.happens_before.is_irreflexive() && relations.happens_before.then(relations.communication).is_irreflexive();
}

// The partial order of sequentially consistent accesses and fences has no cycle.
bool is_sequentially_consistent(const std::vector<Event>& events, const Relations& relations)
{
    const Relation& hb = relations.happens_before;
    Relation other_place, same_place_hb, accesses, fences, into_fence, out_of_fence;
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (events[i].order == Order::seq_cst)
            (events[i].is_fence() ? fences : accesses).add(i, i);
        for (std::size_t j = 0; j < events.size(); ++j) {
            const bool same_place = !events[i].is_fence() && !events[j].is_fence() && events[i].location == events[j].location;
            if (relations.program_order.has(i, j) && !same_place)
                other_place.add(i, j);
            if (hb.has(i, j) && same_place)
                same_place_hb.add(i, j);
        }
    }
    const Relation base = relations.program_order | other_place.then(hb).then(other_place) | same_place_hb | relations.modification_order |
                          relations.from_reads;
    const Relation starts = accesses | fences | fences.then(hb);
    const Relation ends = accesses | fences | hb.then(fences);
    const Relation between_fences = fences.then(hb | hb.then(relations.communication).then(hb)).then(fences);
    return (starts.then(base).then(ends) | between_fences).is_acyclic();
}

// Nothing stands between a read-modify-write and what it read from.
bool is_atomic(const Execution& execution)
{
    for (const auto& writes : execution.modifications)
        for (std::size_t i = 1; i < writes.size(); ++i)
            if (const Event& event = execution.events[writes[i]]; event.reads && event.source != writes[i - 1])
                return false;
    return true;
}

}  // namespace

bool acquires(Order order)
{
    return order == Order::acquire || order == Order::acq_rel || order == Order::seq_cst;
}

bool releases(Order order)
{
    return order == Order::release || order == Order::acq_rel || order == Order::seq_cst;
}

std::string_view name_of(Order order)
{
    static constexpr std::array<std::string_view, 6> names{"plain", "relaxed", "acquire", "release", "acq_rel", "seq_cst"};
    return names[static_cast<std::size_t>(order)];
}

bool Execution::is_consistent() const
{
    if (!is_atomic(*this))
        return false;
    const Relations relations(*this);
    return is_coherent(relations) && is_sequentially_consistent(events, relations);
}

std::optional<std::pair<std::size_t, std::size_t>> Execution::race() const
{
    const Relations relations(*this);
    for (std::size_t later = 0; later < events.size(); ++later)
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            const Event& a = events[earlier];
            const Event& b = events[later];
            if (a.is_fence() || b.is_fence() || a.location != b.location || (!a.writes && !b.writes))
                continue;
            if ((a.order == Order::plain || b.order == Order::plain) && !relations.happens_before.has(earlier, later) &&
                !relations.happens_before.has(later, earlier) && a.cpu != b.cpu)
                return std::pair(earlier, later);
        }
    return std::nullopt;
}

std::string Execution::key() const
{
    std::vector<std::size_t> place(events.size());  // of an event among those of its CPU
    std::vector<std::size_t> count;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const std::size_t cpu = static_cast<std::size_t>(events[i].cpu + 1);
        count.resize(std::max(count.size(), cpu + 1));
        place[i] = count[cpu]++;
    }
    const auto id = [&](std::size_t event) {
        return static_cast<char>((events[event].cpu + 1) * 32 + static_cast<int>(place[event]));
    };
    std::string result;
    for (std::size_t cpu = 0; cpu < count.size(); ++cpu) {
        result += '\xff';
        for (std::size_t i = 0; i < events.size(); ++i)
            if (static_cast<std::size_t>(events[i].cpu + 1) == cpu)
                result += events[i].reads ? id(events[i].source) : '\xfe';
    }
    for (const auto& writes : modifications) {
        result += '\xff';
        for (const std::size_t write : writes)
            result += id(write);
    }
    return result;
}

}  // namespace litmus
