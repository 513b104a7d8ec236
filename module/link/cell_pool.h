#pragma once

#include <optional>
#include <span>

#include "kernel/lib/large_array.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include "module/link/image.h"
#include "module/link/layout.h"

namespace tenon::modlink {

class Relocator;

// A run of equal cells in a region, each found by the value it was made for.
class CellArea {
public:
    // An area without cells until `bytes`, which hold `count` of them, are given to it; the CPU sees them at `place`. Errno::nomem.
    // `hash_key` is LayoutOptions::hash_key.
    Result<> cover(u64 place, std::span<std::byte> bytes, u32 count, u64 hash_key);

    struct Found {
        u32 index;
        bool fresh;  // not written yet
    };

    // The cell of `key`, a new one when there is none; nothing when all are taken.
    std::optional<Found> find_or_add(u64 key);
    // A cell that nobody else shares.
    std::optional<u32> add();

    u64 place_of(u32 index) const { return place_ + index * cell_size(); }
    std::span<std::byte> bytes_of(u32 index) const { return bytes_.subspan(index * cell_size(), cell_size()); }
    u32 used() const { return used_; }

private:
    usize cell_size() const { return bytes_.size() / count_; }

    u64 place_ = 0;
    std::span<std::byte> bytes_;
    u32 count_ = 0;
    u32 used_ = 0;
    struct Entry {
        u64 key;
        u32 next;  // in the chain: cell index + 1, or 0
    };

    // A table of chains under multiplicative hashing, which is universal: whatever the keys, two of them meet by chance only.
    LargeArray<Entry> entries_;  // by cell
    LargeArray<u32> buckets_;    // the chains' first; at least as many as cells
    u64 hash_key_ = 0;
    unsigned hash_shift_ = 0;
};

// The veneers and GOT slots of one life time (core or init), inside the module's own regions. A cell that is not there was not
// reserved by the layout.
class CellPool {
public:
    CellPool() = default;
    // `got` is the address of the GOT (SectionPlaces::got); without slots anywhere nothing asks for it.
    CellPool(const Relocator& relocator, const LayoutOptions& options, std::optional<u64> got)
        : relocator_(&relocator), erratum_(options.erratum), hash_key_(options.hash_key), got_(got.value_or(0))
    {
    }

    // Takes over the cells that the layout has reserved. Errno::nomem.
    Result<> claim(const Layout& layout, const Image& image, Lifetime life);

    // Address of code that goes on at `target`.
    std::optional<u64> stub_for(u64 target);
    // Address of a data word that holds `value`.
    std::optional<u64> slot_for(u64 value);
    u64 got() const { return got_; }

    // Room for code of the relocator's own, stub_size() bytes.
    struct Scratch {
        u64 place;
        std::span<std::byte> bytes;
    };
    std::optional<Scratch> scratch();

    bool avoids_erratum_843419() const { return erratum_ == Erratum843419::avoid; }
    u32 stubs_used() const { return stubs_.used(); }
    u32 slots_used() const { return slots_.used(); }

private:
    const Relocator* relocator_ = nullptr;
    Erratum843419 erratum_ = Erratum843419::ignore;
    u64 hash_key_ = 0;
    u64 got_ = 0;
    CellArea stubs_;
    CellArea slots_;
};

}  // namespace tenon::modlink
