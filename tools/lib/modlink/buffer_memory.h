#pragma once

#include <memory>
#include <vector>

#include <modlink/modlink.h>
#include "module/elf/diagnostics.h"
#include "module/link/separate_regions.h"

namespace modlink {

// Regions in ordinary memory that pretend to stand at the addresses of the options.
class BufferMemory final : public tenon::modlink::SeparateRegions {
public:
    BufferMemory(const Options& options, tenon::elf::Diagnostics& reasons) : options_(options), reasons_(reasons), next_(options.base) {}

    tenon::Result<tenon::modlink::RegionBlock> allocate_one(tenon::modlink::Region region, tenon::u64 size,
                                                            tenon::u64 alignment) override;
    tenon::Result<> seal(tenon::modlink::Region region, tenon::modlink::RegionBlock& block) override;
    void release(tenon::modlink::Region region, const tenon::modlink::RegionBlock& block) override;

    tenon::usize live_blocks() const { return live_; }

private:
    struct Free {
        std::align_val_t alignment;
        void operator()(std::byte* bytes) const { ::operator delete[](bytes, alignment); }
    };

    const Options& options_;
    tenon::elf::Diagnostics& reasons_;
    tenon::u64 next_;
    tenon::usize live_ = 0;
    std::vector<std::unique_ptr<std::byte[], Free>> blocks_;
};

}  // namespace modlink
