#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include "module/elf/object_view.h"
#include "module/elf/source.h"
#include "module/link/layout.h"
#include "module/link/region_memory.h"

namespace tenon::modlink {

class SectionPlaces;

// The memory of a module: owns its region blocks and gives them back in its destructor. It stays where it was made.
class Image : NoCopy {
public:
    Image() = default;
    ~Image() { release(); }

    // Allocates every region of `layout`, copies the allocated sections from `source` straight to their place and zeroes the rest.
    // Only for an empty image; `memory` outlives it. After a failure some regions may exist until release().
    Result<SectionPlaces> place(const elf::ObjectView& view, const Layout& layout, elf::Source& source, RegionMemory& memory,
                                elf::Diagnostics& diagnostics);

    // The address and the writable bytes of a region; nothing when the module has no such region or it was released.
    const std::optional<RegionBlock>& block(Region region) const { return blocks_[index_of(region)]; }
    u64 size(Region region) const { return block(region) ? block(region)->size : 0; }

    // The region that contains `address` as the CPU sees it.
    std::optional<Region> region_of(u64 address) const;

    // The bytes through which the linker writes [address, address + size): inside one block that is not yet sealed.
    std::optional<std::span<std::byte>> writable(u64 address, u64 size) const;

    // Seals every region that the module itself does not write to. Call after the last store of the linker, before any code runs.
    Result<> seal_constant();
    // After init.
    Result<> seal_ro_after_init();
    // Gives the init regions back; nothing may run in or point to them any more.
    void release_init();
    // Gives every region back.
    void release();

private:
    Result<> allocate(const Layout& layout, elf::Diagnostics& diagnostics);
    [[gnu::cold]] std::unexpected<Errno> no_memory(const Layout& layout, elf::Diagnostics& diagnostics) const;
    void release(Region region);

    RegionMemory* memory_ = nullptr;
    RegionBlocks blocks_{};
};

// Where each section of one object ended up: needed only while linking, indexed by section.
class SectionPlaces {
public:
    struct Entry {
        u64 place = 0;               // address as the CPU sees it
        std::byte* bytes = nullptr;  // where the linker writes
        bool loaded = false;
    };

    std::span<const Entry> entries() const { return {entries_.get(), count_}; }
    const Entry& operator[](u32 index) const { return entries()[index]; }

    // What the ABIs call GOT, the value of _GLOBAL_OFFSET_TABLE_: the first slot of the core, or of init when the core has none.
    std::optional<u64> got() const { return got_; }

private:
    friend class ImageFiller;

    std::optional<u64> got_;
    std::unique_ptr<Entry[]> entries_;
    u32 count_ = 0;
};

}  // namespace tenon::modlink
