#include "tests/support/host_modules.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>

#include <gtest/gtest.h>

#include "arch/x86/reloc/relocator.h"
#include "kernel/lib/bits.h"
#include "kernel/lib/panic.h"
#include "module/elf/name_hash.h"
#include "module/load/destructors.h"

namespace {

std::mutex events_mutex;
std::vector<std::string> events;

}  // namespace

extern "C" void record(const char* event)
{
    const std::lock_guard guard(events_mutex);
    events.emplace_back(event);
}

// Their linker names, which no C++ expression gives.
extern "C" const char refuse_load asm("_ZN5tenon12ModuleHandle11refuse_loadENS_5ErrnoE");

namespace tenon::test {
namespace {

using modlink::Region;
using modlink::RegionBlock;

constexpr u64 host_page = 4096;

int protection(Region region)
{
    if (modlink::is_executable(region))
        return PROT_READ | PROT_EXEC;
    return modlink::is_writable(region) ? PROT_READ | PROT_WRITE : PROT_READ;
}

template <typename T>
u64 address_of(T* pointer)
{
    return reinterpret_cast<u64>(pointer);
}

ExportedSymbol kernel_symbol(const char* name, u64 value)
{
    return {.value = value, .name = name, .next = nullptr, .owner = nullptr, .hash = elf::name_hash(name), .flags = 0};
}

std::span<ExportedSymbol> kernel_symbols()
{
    static ExportedSymbol symbols[4];
    symbols[0] = kernel_symbol("record", address_of(&record));
    symbols[1] = kernel_symbol("__cxa_atexit", address_of(&modload::register_destructor));
    symbols[2] = kernel_symbol("_ZN5tenon12ModuleHandle11refuse_loadENS_5ErrnoE", address_of(&refuse_load));
    symbols[3] = kernel_symbol("memcpy", address_of(&std::memcpy));
    return symbols;
}

}  // namespace

bool HostMemory::fails_now()
{
    const bool now = remaining_ != 0 && --remaining_ == 0;
    failed_ |= now;
    return now;
}

HostMemory::~HostMemory()
{
    EXPECT_TRUE(blocks_.empty()) << blocks_.size() << " blocks of module memory are left";
}

Result<RegionBlock> HostMemory::allocate_one(Region region, u64 size, u64)
{
    constexpr u64 largest = 64 << 20;
    if (size > largest || fails_now())
        return fail(Errno::nomem);
    const usize room = align_up(size, host_page);
    const int memory = memfd_create("module", 0);
    expect(memory >= 0 && ftruncate(memory, static_cast<off_t>(room)) == 0, "no memory file");
    void* const place = mmap(nullptr, room, protection(region), MAP_SHARED | MAP_32BIT, memory, 0);
    void* const alias = modlink::is_writable(region)
                            ? place
                            : mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    close(memory);
    expect(place != MAP_FAILED && alias != MAP_FAILED, "no address space for a module");
    blocks_[address_of(place)] = {region, static_cast<std::byte*>(alias), size};
    return RegionBlock{address_of(place), {static_cast<std::byte*>(alias), size}, size};
}

Result<> HostMemory::seal(Region region, RegionBlock& block)
{
    if (fails_now())
        return fail(Errno::nomem);
    Block& own = blocks_.at(block.place);
    const usize room = align_up(own.size, host_page);
    if (region == Region::ro_after_init)
        mprotect(reinterpret_cast<void*>(block.place), room, PROT_READ);
    else
        munmap(own.alias, room);
    own.alias = nullptr;
    block.bytes = {};
    return {};
}

void HostMemory::release(Region region, const RegionBlock& block)
{
    const auto found = blocks_.find(block.place);
    expect(found != blocks_.end(), "module memory released twice");
    const usize room = align_up(found->second.size, host_page);
    if (!modlink::is_writable(region) && found->second.alias != nullptr)
        munmap(found->second.alias, room);
    munmap(reinterpret_cast<void*>(block.place), room);
    blocks_.erase(found);
}

usize HostMemory::live_init_blocks() const
{
    usize count = 0;
    for (const auto& [place, block] : blocks_)
        count += modlink::is_init(block.region) ? 1 : 0;
    return count;
}

Result<> HostPlatform::add_exceptions(std::span<const ExceptionEntry> table)
{
    exceptions.push_back(table);
    return {};
}

void HostPlatform::replace_exceptions(std::span<const ExceptionEntry> table, std::span<const ExceptionEntry> rest)
{
    const auto known = std::find_if(exceptions.begin(), exceptions.end(), [&](const auto& other) { return other.data() == table.data(); });
    if (known != exceptions.end() && rest.empty())
        exceptions.erase(known);
    else if (known != exceptions.end())
        *known = rest;
}

const modlink::Relocator& HostPlatform::relocator() const
{
    return arch::x86::relocator();
}

HostKernel::HostKernel()
{
    take_events();
    EXPECT_TRUE(registry.add_kernel_symbols(kernel_symbols()));
}

HostKernel::~HostKernel()
{
    // A test may end with modules loaded; what cannot be removed is pulled out.
    while (const auto module = registry.with_modules([](auto& modules) {
               return modules.empty() ? Ref<modreg::Module>() : Ref<modreg::Module>(&modules.front());
           })) {
        registry.withdraw(*module);
        registry.forget(*module);
    }
}

Result<> HostKernel::load_bytes(std::span<const std::byte> file, std::string_view arguments)
{
    elf::MemorySource source(file);
    modload::Report report;
    const Result<> result = modload::load(environment, {.source = source, .arguments = arguments}, report);
    reason_ = report.view();
    return result;
}

Result<> HostKernel::load(const std::string& name, std::string_view arguments)
{
    usize size = 0;
    const std::vector<u64> file = read_file(fixture_path(name), size);
    return load_bytes(std::as_bytes(std::span(file)).first(size), arguments);
}

Result<> HostKernel::unload(std::string_view name)
{
    modload::Report report;
    const Result<> result = modload::unload(environment, name, report);
    reason_ = report.view();
    return result;
}

std::vector<std::string> HostKernel::take_events()
{
    const std::lock_guard guard(events_mutex);
    return std::exchange(events, {});
}

u64 HostKernel::find_symbol(std::string_view name)
{
    return registry.with_symbols([&](const modreg::SymbolTable& table) {
        const ExportedSymbol* const symbol = table.find(name, elf::name_hash(name));
        return symbol == nullptr ? 0 : symbol->value;
    });
}

std::string fixture_path(const std::string& name)
{
    return "build/test/fixtures/" + name + ".ko";
}

std::vector<u64> read_file(const std::string& path, usize& size)
{
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file) << path << " is missing";
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    std::vector<u64> words((text.size() + 7) / 8);
    std::memcpy(words.data(), text.data(), text.size());
    size = text.size();
    return words;
}

}  // namespace tenon::test
