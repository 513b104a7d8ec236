#pragma once

#include <array>
#include <cstring>

#include "arch/arm64/mm/descriptor.h"
#include "kernel/mm/frames.h"

namespace tenon::arch {

constexpr u64 slot_size = 2 << 20;  // what one table of pages covers

// Hands out tables from a run of frames that is mapped early at another place than the final tables will show it.
class TableBuilder {
public:
    TableBuilder(PhysAddr pool, std::byte* window) : pool_(pool), window_(window), root_(allocate()) {}

    // Page multiples, not mapped before.
    void map(u64 address, u64 physical, u64 size, u64 attributes)
    {
        const u64 end = address + size;
        while (address != end) {
            u64* table = leaf_table(address);
            for (unsigned i = descriptor::table_index(address, 3); i < descriptor::entries_per_table && address != end;
                 ++i, address += page_size, physical += page_size)
                table[i] = physical | attributes;
        }
    }

    // The tables for [address, +size), multiples of what one covers, without entries.
    void reserve(u64 address, u64 size)
    {
        for (u64 offset = 0; offset < size; offset += slot_size)
            leaf_table(address + offset);
    }

    // Every free entry of the root table in [first, first + count) and of the tables behind them becomes what `filler` has for its level;
    // those of pages for whose addresses keep_free(address) is true stay free.
    template <typename KeepFree>
    void fill(unsigned first, unsigned count, const std::array<u64, 4>& filler, KeepFree&& keep_free)
    {
        u64* const table = pointer(root_.value());
        for (unsigned i = first; i < first + count; ++i)
            fill_entry(table[i], 0, (u64{0xffff} << 48) | (u64{i} << 39), filler, keep_free);
    }

    PhysAddr root() const { return root_; }
    PhysRange used() const { return {pool_, pool_ + used_}; }

    // At least as much as the tables for `size` bytes at one place take.
    static u64 pool_size(u64 size) { return (size / slot_size + size / (slot_size * 512) + 6) * page_size; }

private:
    template <typename KeepFree>
    void fill_entry(u64& entry, unsigned level, u64 address, const std::array<u64, 4>& filler, KeepFree&& keep_free)
    {
        if (entry == 0) {
            entry = level == 3 && keep_free(address) ? 0 : filler[level];
            return;
        }
        if (level == 3)
            return;
        u64* const table = pointer(entry & descriptor::address_mask);
        const u64 covered = page_size << (9 * (2 - level));
        for (unsigned i = 0; i < descriptor::entries_per_table; ++i)
            fill_entry(table[i], level + 1, address + i * covered, filler, keep_free);
    }

    PhysAddr allocate()
    {
        std::memset(window_ + used_, 0, page_size);
        used_ += page_size;
        return pool_ + (used_ - page_size);
    }

    u64* pointer(u64 physical) { return reinterpret_cast<u64*>(window_ + (physical - pool_.value())); }

    u64* leaf_table(u64 address)
    {
        u64* table = pointer(root_.value());
        for (unsigned level = 0; level < 3; ++level) {
            u64& entry = table[descriptor::table_index(address, level)];
            if (entry == 0)
                entry = allocate().value() | descriptor::table;
            table = pointer(entry & descriptor::address_mask);
        }
        return table;
    }

    PhysAddr pool_;
    std::byte* window_;
    u64 used_ = 0;
    PhysAddr root_;
};

}  // namespace tenon::arch
