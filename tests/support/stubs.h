#pragma once

#include <array>
#include <optional>

#include "module/link/cell_pool.h"
#include "module/link/image.h"
#include "module/link/region_memory.h"

namespace tenon::test {

// Room for one piece of code of the linker's own (a stub, a veneer of the erratum) at an address of choice, a multiple of 8.
class Stubs {
public:
    // `type` is a relocation type of the relocator that may need it.
    Stubs(const modlink::Relocator& relocator, u32 type, u64 place);

    modlink::CellPool& cells() { return *cells_; }
    std::span<const std::byte> bytes() const { return memory_.stubs(); }

private:
    // Pretends that the region of the code stands where the room begins at its address.
    class Memory final : public modlink::RegionMemory {
    public:
        explicit Memory(u64 place) : place_(place) {}
        Result<> allocate(const modlink::Layout& layout, modlink::RegionBlocks& blocks) override;
        Result<> seal(modlink::Region, modlink::RegionBlock&) override { return {}; }
        void release(modlink::Region, const modlink::RegionBlock&) override {}
        std::span<const std::byte> stubs() const { return std::span(bytes_).subspan(offset_); }

    private:
        u64 place_;
        usize offset_ = 0;  // of the room
        alignas(64) std::array<std::byte, 64> bytes_{};
    };

    Memory memory_;
    modlink::Image image_;
    std::optional<modlink::CellPool> cells_;
};

}  // namespace tenon::test
