#include "kernel/debug/kallsyms.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <span>

namespace tenon::kallsyms {
namespace {

extern "C" {
extern const u32 kallsyms_count;
extern const u32 kallsyms_offsets[];
extern const char kallsyms_types[];
extern const u32 kallsyms_name_offsets[];
extern const char kallsyms_names[];
extern const std::byte kernel_start[];
extern const std::byte kernel_end[];
}

constinit std::atomic<ModuleResolver> module_resolver{nullptr};

}  // namespace

u32 count()
{
    return kallsyms_count;
}

Symbol at(u32 index)
{
    return {kallsyms_names + kallsyms_name_offsets[index],
            reinterpret_cast<u64>(kernel_start) + kallsyms_offsets[index], kallsyms_types[index]};
}

std::optional<Symbol> find(u64 address)
{
    const u64 base = reinterpret_cast<u64>(kernel_start);
    if (address < base || address >= reinterpret_cast<u64>(kernel_end))
        return std::nullopt;
    const std::span offsets(kallsyms_offsets, kallsyms_count);
    const auto after = std::upper_bound(offsets.begin(), offsets.end(), address - base);
    if (after == offsets.begin())
        return std::nullopt;
    return at(static_cast<u32>(after - offsets.begin()) - 1);
}

void set_module_resolver(ModuleResolver resolver)
{
    module_resolver.store(resolver, std::memory_order_release);
}

std::optional<ModuleSymbol> find_in_modules(u64 address)
{
    const auto resolver = module_resolver.load(std::memory_order_acquire);
    return resolver == nullptr ? std::nullopt : resolver(address);
}

}  // namespace tenon::kallsyms
