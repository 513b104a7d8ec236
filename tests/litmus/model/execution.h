#pragma once

#include <optional>
#include <source_location>
#include <string>
#include <vector>

#include "tests/litmus/model/relation.h"

namespace litmus {

using Value = std::uint64_t;

// As std::memory_order, without consume; `plain` is an access that is not atomic, and for a fence `relaxed` is none at all.
enum class Order : std::uint8_t { plain, relaxed, acquire, release, acq_rel, seq_cst };

bool acquires(Order order);
bool releases(Order order);
std::string_view name_of(Order order);

using Location = std::size_t;

// One access to memory, or a fence. A read-modify-write is one event that reads and writes.
struct Event {
    static constexpr int initial = -1;

    int cpu = initial;
    Order order = Order::relaxed;
    Location location = 0;
    bool reads = false;
    bool writes = false;
    Value value_read = 0;
    Value value_written = 0;
    std::size_t source = 0;  // the event that it reads from
    std::source_location site;

    bool is_fence() const { return !reads && !writes; }
    bool is_atomic_write() const { return writes && order != Order::plain; }
};

// The events of some first steps of each CPU, who reads from whom, and in which order the writes to each place become visible
// (modification order). Each event stands behind what it reads from and what its CPU did before.
struct Execution {
    std::vector<Event> events;
    std::vector<std::vector<std::size_t>> modifications;  // by location, oldest first; the initial values are events, too

    // Whether C++ permits it: the model RC11 (Lahav, Vafeiadis, Kang, Hur, Dreyer: Repairing Sequential Consistency in C/C++11, PLDI
    // 2017, section 4), with the release sequences of C++20 (no later stores of the same thread). RC11 has no out-of-thin-air values,
    // since it forbids what hardware does to relaxed loads before relaxed stores: patterns may not rely on those.
    bool is_consistent() const;
    // Two accesses without order, one of them plain, one of them a write: undefined behaviour ([intro.races]).
    std::optional<std::pair<std::size_t, std::size_t>> race() const;
    // Equal for executions that differ only in the order in which they were built.
    std::string key() const;
};

}  // namespace litmus
