#include "tools/lib/depmod/cycles.h"

#include <algorithm>
#include <set>

#include "tools/lib/depmod/dependency.h"

namespace tenon::tools {

namespace {

// n modules that all need each other have more than (n-1)! cycles.
constexpr std::size_t cycle_limit = 1000;
constexpr std::size_t step_limit = 4'000'000;  // about 50 ms

using Cycle = std::vector<u32>;

// The modules from the root of a walk to where it is, each with what it has still to see.
class Path {
public:
    struct Step {
        u32 module;
        std::size_t left;  // dependencies that are still to be walked
    };

    bool empty() const { return steps_.empty(); }
    Step& back() { return steps_.back(); }
    void enter(u32 module, std::size_t dependencies) { steps_.push_back({module, dependencies}); }
    void leave() { steps_.pop_back(); }

    Cycle cycle_from(u32 module) const
    {
        auto at = std::find_if(steps_.begin(), steps_.end(), [&](const Step& step) { return step.module == module; });
        Cycle cycle;
        for (; at != steps_.end(); ++at)
            cycle.push_back(at->module);
        cycle.push_back(module);
        return cycle;
    }

private:
    std::vector<Step> steps_;
};

class CycleSearch {
public:
    CycleSearch(std::span<const ModuleRecord> records, std::span<const u32> candidates)
        : records_(records), candidates_(candidates), marks_(records.size(), Mark::unseen), used_by_(records.size())
    {
        for (const u32 module : candidates)
            for (const u32 dependency : records[module].dependencies)
                used_by_[dependency].push_back(module);
    }

    // One walk through everything, the last dependency first. The next start is the first unseen candidate behind the module that was
    // seen last, as in kmod.
    void walk()
    {
        std::vector<u32> rest(candidates_.begin(), candidates_.end());
        auto start = rest.begin();
        while (!rest.empty()) {
            const u32 last = walk_from(*start);
            std::erase_if(rest, [&](u32 module) { return marks_[module] != Mark::unseen; });
            start = std::upper_bound(rest.begin(), rest.end(), last);
            if (start == rest.end())
                start = rest.begin();
        }
    }

    // Every cycle, found at its least module, from where only greater ones are entered.
    void list_all()
    {
        for (const u32 start : candidates_)
            list_from(start);
    }

    Cycles take() { return std::move(cycles_); }

private:
    enum class Mark : u8 { unseen, on_path, done };

    u32 walk_from(u32 start)
    {
        Path path;
        const auto enter = [&](u32 module) {
            marks_[module] = Mark::on_path;
            path.enter(module, records_[module].dependencies.size());
        };
        u32 last = start;
        enter(start);
        while (!path.empty()) {
            Path::Step& step = path.back();
            if (step.left == 0) {
                marks_[step.module] = Mark::done;
                path.leave();
                continue;
            }
            const u32 next = records_[step.module].dependencies[--step.left];
            if (marks_[next] == Mark::on_path)
                note(path, next);
            if (marks_[next] == Mark::unseen)
                enter(last = next);
        }
        return last;
    }

    void list_from(u32 start)
    {
        const std::vector<bool> leads_back = what_leads_to(start);
        std::vector<bool> on_path(records_.size());
        Path path;
        path.enter(start, records_[start].dependencies.size());
        while (!path.empty()) {
            Path::Step& step = path.back();
            if (step.left == 0) {
                on_path[step.module] = false;
                path.leave();
                continue;
            }
            if (!may_go_on())
                return;
            const u32 next = records_[step.module].dependencies[--step.left];
            if (next == start) {
                note(path, start);
            } else if (leads_back[next] && !on_path[next]) {
                on_path[next] = true;
                path.enter(next, records_[next].dependencies.size());
            }
        }
    }

    // The modules above `start` in number that need it, directly or through others of them.
    std::vector<bool> what_leads_to(u32 start)
    {
        std::vector<bool> leads(records_.size());
        std::vector<u32> queue{start};
        for (std::size_t next = 0; next < queue.size() && may_go_on(); ++next) {
            for (const u32 user : used_by_[queue[next]]) {
                if (user > start && !leads[user])
                    queue.push_back(user);
                if (user > start)
                    leads[user] = true;
            }
        }
        return leads;
    }

    bool may_go_on()
    {
        cycles_.all = cycles_.all && ++steps_ <= step_limit && cycles_.found.size() < cycle_limit;
        return cycles_.all;
    }

    // Of one step of `path`, which leads back to `module` on it.
    void note(const Path& path, u32 module)
    {
        if (cycles_.found.size() == cycle_limit) {
            cycles_.all = false;
            return;
        }
        Cycle cycle = path.cycle_from(module);
        Cycle turned(cycle.begin(), cycle.end() - 1);
        std::rotate(turned.begin(), std::min_element(turned.begin(), turned.end()), turned.end());
        if (known_.insert(std::move(turned)).second)
            cycles_.found.push_back(std::move(cycle));
    }

    std::span<const ModuleRecord> records_;
    std::span<const u32> candidates_;
    std::vector<Mark> marks_;
    std::vector<std::vector<u32>> used_by_;
    std::set<Cycle> known_;  // each turned so that its least module stands first
    Cycles cycles_;
    std::size_t steps_ = 0;
};

// Counts the modules in strongly connected components of more than one (Tarjan, "Depth-first search and linear graph algorithms", 1972).
// No module needs itself directly.
class ComponentCount {
public:
    explicit ComponentCount(std::span<const ModuleRecord> records) : records_(records), numbers_(records.size()), lowest_(records.size()) {}

    std::size_t in_cycles() const { return in_cycles_; }

    void visit(u32 start)
    {
        if (numbers_[start] != 0)
            return;
        Path path;
        enter(path, start);
        while (!path.empty()) {
            Path::Step& step = path.back();
            const u32 module = step.module;
            if (step.left > 0) {
                const u32 next = records_[module].dependencies[--step.left];
                if (numbers_[next] == 0)
                    enter(path, next);
                else
                    lowest_[module] = std::min(lowest_[module], numbers_[next]);
                continue;
            }
            path.leave();
            if (!path.empty())
                lowest_[path.back().module] = std::min(lowest_[path.back().module], lowest_[module]);
            if (lowest_[module] == numbers_[module])
                close_component(module);
        }
    }

private:
    static constexpr u32 closed = ~u32{0};

    void enter(Path& path, u32 module)
    {
        numbers_[module] = lowest_[module] = ++entered_;
        open_.push_back(module);
        path.enter(module, records_[module].dependencies.size());
    }

    void close_component(u32 root)
    {
        std::size_t size = 0;
        u32 module;
        do {
            module = open_.back();
            open_.pop_back();
            numbers_[module] = closed;
            ++size;
        } while (module != root);
        in_cycles_ += size > 1 ? size : 0;
    }

    std::span<const ModuleRecord> records_;
    std::vector<u32> numbers_;  // in the order of entering, from 1; 0 is not entered, `closed` in a component that is complete
    std::vector<u32> lowest_;   // the least number in a component that is not complete that is reached from there
    std::vector<u32> open_;     // entered, in components that are not complete
    u32 entered_ = 0;
    std::size_t in_cycles_ = 0;
};

}  // namespace

Cycles find_cycles(std::span<const ModuleRecord> records, std::span<const u32> candidates)
{
    CycleSearch search(records, candidates);
    search.walk();
    search.list_all();
    return search.take();
}

std::size_t count_in_cycles(std::span<const ModuleRecord> records, std::span<const u32> candidates)
{
    ComponentCount count(records);
    for (const u32 module : candidates)
        count.visit(module);
    return count.in_cycles();
}

}  // namespace tenon::tools
