#include "kernel/runtime/sanitizer/trace.h"

#include <algorithm>
#include <array>
#include <atomic>

#include "kernel/arch.h"

namespace tenon::shadow {
namespace {

constexpr usize depth = 8;
constexpr u32 index_bits = 14;
constexpr usize room = usize{1} << index_bits;
constexpr usize longest_search = 64;

constexpr u64 nobodys = 0;
constexpr u64 of_code_that_went = 2;  // no chain hashes to either

struct Entry {
    std::atomic<u64> hash{nobodys};  // set first, by who takes the entry
    std::atomic<u32> count{0};       // of addresses; set last
    std::atomic<u32> turn{0};        // how often the entry was forgotten
    std::atomic<u32> objects{0};
    std::atomic<u64> bytes{0};
    std::array<u64, depth> addresses{};
    u64 heir = 0;  // this and `gone`: forget_code()'s alone, and that of whoever reports before
    Code gone{};
};

constinit std::array<Entry, room> entries;

u64 hash_of(std::span<const u64> addresses)
{
    u64 hash = 0x9e37'79b9'7f4a'7c15;
    for (const u64 address : addresses)
        hash = (hash ^ address) * 0xff51'afd7'ed55'8ccd ^ hash >> 29;
    return hash | 1;
}

TraceId id_of(usize index)
{
    return entries[index].turn.load(std::memory_order_relaxed) << index_bits | static_cast<u32>(index);
}

// Null when the chain has been forgotten.
Entry* entry_of(TraceId id)
{
    Entry& entry = entries[id % room];
    return id != no_trace && entry.turn.load(std::memory_order_relaxed) << index_bits == (id & ~(room - 1)) ? &entry : nullptr;
}

std::span<const u64> addresses_of(const Entry& entry)
{
    return std::span(entry.addresses).first(entry.count.load(std::memory_order_acquire));
}

void forget(Entry& entry)
{
    entry.heir = 0;
    entry.gone = {};
    entry.turn.fetch_add(1, std::memory_order_relaxed);
    entry.count.store(0, std::memory_order_relaxed);
    entry.hash.store(nobodys, std::memory_order_release);
}

}  // namespace

TraceId remember_trace(const void* frame)
{
    std::array<u64, depth> addresses{};
    const usize count = arch::call_chain(reinterpret_cast<u64>(frame), addresses);
    const u64 hash = hash_of(std::span(addresses).first(count));
    for (usize i = 0; i < longest_search; ++i) {
        const usize index = (hash + i) % (room - 1) + 1;
        Entry& entry = entries[index];
        u64 found = entry.hash.load(std::memory_order_relaxed);
        if (found == nobodys && entry.hash.compare_exchange_strong(found, hash, std::memory_order_relaxed)) {
            entry.addresses = addresses;
            entry.count.store(static_cast<u32>(count), std::memory_order_release);
            found = hash;
        }
        if (found == hash)
            return id_of(index);
    }
    return no_trace;
}

std::span<const u64> trace(TraceId id)
{
    const Entry* const entry = entry_of(id);
    return entry == nullptr ? std::span<const u64>() : addresses_of(*entry);
}

void count_allocation(TraceId id, usize size)
{
    if (Entry* const entry = entry_of(id)) {
        entry->objects.fetch_add(1, std::memory_order_relaxed);
        entry->bytes.fetch_add(size, std::memory_order_relaxed);
    }
}

void count_release(TraceId id, usize size)
{
    if (Entry* const entry = entry_of(id)) {
        entry->bytes.fetch_sub(size, std::memory_order_relaxed);
        entry->objects.fetch_sub(1, std::memory_order_relaxed);
    }
}

void visit_users(Code code, void (*visit)(const TraceUse& use, void* context), void* context)
{
    for (const Entry& entry : entries) {
        const auto addresses = addresses_of(entry);
        const u32 objects = entry.objects.load(std::memory_order_relaxed);
        if (objects != 0 && !addresses.empty() && code.contains(entry.gone.size == 0 ? addresses.front() : entry.heir))
            visit({addresses, objects, entry.bytes.load(std::memory_order_relaxed), entry.gone}, context);
    }
}

void forget_code(Code code, u64 heir)
{
    for (Entry& entry : entries) {
        const auto addresses = addresses_of(entry);
        if (code.contains(entry.heir))
            entry.heir = 0;
        // What stands at the addresses of a chain that begins in code that has gone is another's.
        if (entry.gone.size == 0 && std::ranges::none_of(addresses, [&](u64 address) { return code.contains(address); }))
            continue;
        if (entry.objects.load(std::memory_order_relaxed) == 0) {
            forget(entry);
            continue;
        }
        entry.hash.store(of_code_that_went, std::memory_order_relaxed);
        if (entry.gone.size == 0 && code.contains(addresses.front())) {
            entry.heir = heir;
            entry.gone = code;
        }
    }
}

}  // namespace tenon::shadow
