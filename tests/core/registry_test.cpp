#include <array>
#include <string>

#include <gtest/gtest.h>

#include "kernel/lib/panic.h"
#include "kernel/thread/scheduler.h"
#include "module/elf/name_hash.h"
#include "module/registry/registry.h"
#include "module/registry/visit.h"
#include "tests/core/threads.h"

using namespace tenon;
using namespace tenon::test;

namespace {

// What a module brings along. The loader writes to it while it loads, and again as soon as nobody may use it, with nothing but the registry
// between it and the readers.
struct ModuleMemory {
    std::string name;
    std::string symbol_name = "symbol_of_" + name;
    u64 data = 0;
    u64 data_of_init = 0;  // written by it, so seen by those who find the module live
    ExportedSymbol symbol{};
};

constexpr u64 alive = 42;

struct System {
    modreg::Registry registry;
    std::array<ModuleMemory, 3> memory{ModuleMemory{.name = "first"}, ModuleMemory{.name = "second"}, ModuleMemory{.name = "third"}};
    std::atomic<u64> loads{0};
    std::atomic<u64> uses{0};
    std::atomic<unsigned> loaders{0};
};

void remove(System& system, ModuleMemory& memory)
{
    elf::FirstReason reason;
    for (;;) {
        auto removed = system.registry.begin_removal(memory.name, reason);
        if (removed) {
            memory.data = 0;
            memory.data_of_init = 0;
            system.registry.withdraw(**removed);
            system.registry.forget(**removed);
            return;
        }
        expect(removed.error() == Errno::again, "a live module can be removed unless it is used");
        scheduler::yield();
    }
}

void load_and_remove(System& system, ModuleMemory& memory)
{
    elf::FirstReason reason;
    auto module = system.registry.reserve(memory.name, reason);
    expect(module.has_value(), "the name is nobody else's");
    memory.data = alive;
    memory.symbol = {.value = reinterpret_cast<u64>(&memory.data), .name = memory.symbol_name.c_str(), .next = nullptr, .owner = nullptr,
                     .hash = elf::name_hash(memory.symbol_name), .flags = 0};
    (*module)->exports = {&memory.symbol, 1};
    expect(system.registry.publish(**module, {}, reason).has_value(), "an export of its own");
    memory.data_of_init = alive;
    system.registry.set_live(**module);
    scheduler::yield();
    remove(system, memory);
    memory.symbol = {};
    system.loads.fetch_add(1, std::memory_order_relaxed);
}

void check(System& system, u64 value)
{
    expect(*reinterpret_cast<const u64*>(value) == alive, "a module that has gone is used");
    system.uses.fetch_add(1, std::memory_order_relaxed);
}

// As a load that uses a symbol.
void use_by_symbol(System& system, const ModuleMemory& memory)
{
    elf::FirstReason reason;
    modreg::ProviderWait wait;
    const auto provider = system.registry.find_symbol(memory.symbol_name, elf::name_hash(memory.symbol_name), wait, reason);
    if (!provider) {
        expect(provider.error() == Errno::noent, "nothing but its absence keeps a symbol from being found");
        return;
    }
    check(system, provider->value);
    expect(memory.data_of_init == alive, "a module is live before its init has come back");
    provider->owner->put_reference();
}

// As a read of a parameter below /sys.
void use_by_visit(System& system, ModuleMemory& memory)
{
    auto module = system.registry.find(memory.name);
    if (!module)
        return;
    const auto visit = modreg::Visit::begin(std::move(module));
    if (visit)
        check(system, reinterpret_cast<u64>(&memory.data));
}

// As a read of /proc/modules.
void list(System& system)
{
    system.registry.with_modules([&](const modreg::Registry::Modules& modules) {
        for (const modreg::Module& module : modules)
            if (module.state() == modreg::State::live && !module.exports.empty())
                expect(!module.name().empty() && module.exports[0].owner == &module, "a published module whose symbol is not its own");
    });
    system.registry.with_symbols([](const modreg::SymbolTable& symbols) {
        symbols.for_each([](const ExportedSymbol& symbol) { expect(symbol.owner != nullptr, "a symbol of nobody"); });
    });
}

TEST(Registry, ModulesComeAndGoUnderTheirUsers)
{
    System system;
    constexpr unsigned loaders = 3;
    system.loaders.store(loaders);
    run_threads(loaders + 3, [&](unsigned index) {
        if (index < loaders) {
            for (Time time; time.is_left() || system.uses.load() == 0;)
                load_and_remove(system, system.memory[index]);
            system.loaders.fetch_sub(1);
            return;
        }
        for (u64 round = 0; system.loaders.load() != 0; ++round, scheduler::yield()) {
            ModuleMemory& memory = system.memory[round % system.memory.size()];
            switch (index - loaders) {
            case 0: use_by_symbol(system, memory); break;
            case 1: use_by_visit(system, memory); break;
            default: list(system);
            }
        }
    });
    EXPECT_GT(system.loads.load(), 0u);
    EXPECT_GT(system.uses.load(), 0u);
}

// Who wants a name that is being loaded or removed waits, and is told what came of it.
TEST(Registry, ManyWantOneName)
{
    modreg::Registry registry;
    u64 data = 0;  // of who has the name
    std::atomic<u64> loads{0};
    run_threads(4, [&](unsigned) {
        for (Time time; time.is_left(); scheduler::yield()) {
            elf::FirstReason reason;
            const auto module = registry.reserve("wanted", reason);
            if (!module) {
                expect(module.error() == Errno::exist || module.error() == Errno::busy, "a name is there or on its way");
                continue;
            }
            ++data;
            expect(registry.publish(**module, {}, reason).has_value(), "a module without exports");
            scheduler::yield();
            registry.set_live(**module);
            const auto removed = registry.begin_removal("wanted", reason);
            expect(removed.has_value(), "nobody else removes it");
            --data;
            registry.withdraw(**removed);
            registry.forget(**removed);
            loads.fetch_add(1, std::memory_order_relaxed);
        }
    });
    EXPECT_EQ(data, 0u);
    EXPECT_GT(loads.load(), 0u);
}

}  // namespace
