#include "arch/arm64/mm/asid.h"

#include <array>
#include <bitset>
#include <optional>

#include "arch/arm64/mm/tlb.h"
#include "kernel/arch.h"
#include "kernel/lib/panic.h"
#include <tenon/sync.h>

namespace tenon::arch::asid {
namespace {

constexpr usize most_identifiers = 65536;
constexpr u64 first_generation = u64{1} << 16;

// Identifier 0 belongs to the empty table.
struct State {
    Spinlock lock;  // protects everything below
    u64 generation = first_generation;
    usize limit = 256;
    usize search_from = 1;
    std::bitset<most_identifiers> taken;
    std::array<u64, max_cpus> active{};       // the context that each CPU uses
    std::array<bool, max_cpus> must_flush{};  // before the CPU uses a context of this generation
};

constinit State state;

std::optional<u64> take_identifier()
{
    for (usize i = state.search_from; i < state.limit; ++i) {
        if (state.taken[i])
            continue;
        state.taken[i] = true;
        state.search_from = i + 1;
        return i;
    }
    return std::nullopt;
}

void begin_generation()
{
    state.generation += first_generation;
    state.taken.reset();
    state.search_from = 1;
    state.must_flush.fill(true);
    for (const u64 context : state.active)
        state.taken[identifier(context)] = true;
}

bool is_running_somewhere(u64 context)
{
    for (const u64 active : state.active)
        if (active == context)
            return true;
    return false;
}

u64 renew(u64 context)
{
    // A space that ran through the change of generation keeps its identifier, which was marked as taken then.
    if (context != 0 && is_running_somewhere(context)) {
        const u64 renewed = state.generation | identifier(context);
        for (u64& active : state.active)
            if (active == context)
                active = renewed;
        return renewed;
    }
    auto taken = take_identifier();
    if (!taken) {
        begin_generation();
        taken = take_identifier();
    }
    expect(taken.has_value(), "no address-space identifier left");
    return state.generation | *taken;
}

}  // namespace

void initialise(Width width)
{
    if (width == Width::bits_16)
        state.limit = most_identifiers;
}

u16 activate(std::atomic<u64>& context)
{
    LockGuard guard(state.lock);
    u64 value = context.load(std::memory_order_relaxed);
    if ((value & ~u64{0xffff}) != state.generation) {
        value = renew(value);
        context.store(value, std::memory_order_relaxed);
    }
    const unsigned cpu = cpu_index();
    state.active[cpu] = value;
    if (state.must_flush[cpu]) {
        state.must_flush[cpu] = false;
        tlb::invalidate_all_here();
    }
    return identifier(value);
}

}  // namespace tenon::arch::asid
