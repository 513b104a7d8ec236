#pragma once

#include <map>
#include <string>
#include <vector>

#include "module/link/separate_regions.h"
#include "module/load/load.h"
#include "module/platform.h"

namespace tenon::test {

// Module memory of this process, below 2 GiB and never writable where it is executable or constant: written through a second mapping, as in
// the kernel. Counts what is allocated.
class HostMemory final : public modlink::SeparateRegions {
public:
    ~HostMemory();
    Result<modlink::RegionBlock> allocate_one(modlink::Region region, u64 size, u64 alignment) override;
    Result<> seal(modlink::Region region, modlink::RegionBlock& block) override;
    void release(modlink::Region region, const modlink::RegionBlock& block) override;

    usize live_blocks() const { return blocks_.size(); }
    usize live_init_blocks() const;
    // The `count`-th allocation or seal from now on fails (0: none).
    void fail_at(unsigned count) { remaining_ = count; }
    bool has_failed() const { return failed_; }

private:
    struct Block {
        modlink::Region region;
        std::byte* alias;  // null once sealed
        u64 size;
    };

    bool fails_now();

    std::map<u64, Block> blocks_;  // by place
    unsigned remaining_ = 0;
    bool failed_ = false;
};

class HostPlatform final : public Platform {
public:
    const modlink::Relocator& relocator() const override;
    modlink::LayoutOptions layout_options() const override { return {.reach = modlink::Reach::far}; }
    HostMemory& memory() override { return memory_; }
    Result<> add_exceptions(std::span<const ExceptionEntry> table) override;
    void replace_exceptions(std::span<const ExceptionEntry> table, std::span<const ExceptionEntry> rest) override;
    Result<> start_worker(void (*work)(void*), void* argument) override
    {
        work(argument);
        return {};
    }
    Result<> resched_point() override
    {
        ++pauses;
        return pauses == give_up_at ? fail(Errno::intr) : Result<>();
    }
    void wait_for_quiescence(std::string_view, std::string_view) override { ++quiescent_waits; }

    std::vector<std::span<const ExceptionEntry>> exceptions;  // of all modules

    unsigned quiescent_waits = 0;
    unsigned pauses = 0;
    unsigned give_up_at = 0;  // the pause point at which the load is killed; 0: none

private:
    HostMemory memory_;
};

// A kernel that consists of a loader: loads the modules of tests/fixtures and runs them.
class HostKernel {
public:
    HostKernel();
    ~HostKernel();

    Result<> load(const std::string& name, std::string_view arguments = "");
    Result<> load_bytes(std::span<const std::byte> file, std::string_view arguments = "");
    Result<> unload(std::string_view name);

    // Of the last load or removal.
    const std::string& reason() const { return reason_; }
    // What the modules have recorded since the last call.
    static std::vector<std::string> take_events();
    // The address of an exported symbol, or 0.
    u64 find_symbol(std::string_view name);

    HostPlatform platform;
    modreg::Registry registry;
    modload::Environment environment{platform, registry};

private:
    std::string reason_;
};

// A file of the build, aligned as the loader wants it. Fails the test when it is not there.
std::vector<u64> read_file(const std::string& path, usize& size);
std::string fixture_path(const std::string& name);

}  // namespace tenon::test
