#include "kernel/module/sanitizer/leaks.h"

#include <algorithm>
#include <array>

#include "kernel/runtime/sanitizer/report.h"
#include "module/registry/module.h"
#include <tenon/sync.h>

namespace tenon::leaks {
namespace {

// Code that is loaded; 0: none, or gone. Once init has gone its place may be another's, so its chains go to the module's text.
struct Loaded {
    FixedText<ModuleHeader::name_capacity> name;
    u64 text = 0;
    u64 init = 0;
};

// Modules that find no place here are not looked at.
constinit Guarded<std::array<Loaded, 256>> loaded;

u64 place_of(const modreg::Module& module, modlink::Region region)
{
    const auto& block = module.image.block(region);
    return block ? block->place : 0;
}

// Takes the module out whose code of that kind stands at `place`; what it was.
Loaded take(u64 Loaded::*kind, u64 place)
{
    return loaded.with([&](auto& table) -> Loaded {
        const auto found = std::ranges::find(table, place, kind);
        if (found == table.end())
            return {};
        const Loaded before = *found;
        (*found).*kind = 0;
        return before;
    });
}

void report(const Loaded& module, shadow::Code code)
{
    const auto report_one = [](const shadow::TraceUse& use, void* name) {
        shadow::report_leak(static_cast<const Loaded*>(name)->name.view(), use);
    };
    Loaded copy = module;
    shadow::visit_users(code, report_one, &copy);
}

}  // namespace

void note_module(const modreg::Module& module)
{
    Loaded entry;
    entry.name.write(module.name());
    entry.text = place_of(module, modlink::Region::text);
    entry.init = place_of(module, modlink::Region::init_text);
    loaded.with([&](auto& table) {
        const auto free = std::ranges::find_if(table, [](const Loaded& other) { return other.text == 0 && other.init == 0; });
        if (free != table.end())
            *free = entry;
    });
}

void note_release(modlink::Region region, const modlink::RegionBlock& block)
{
    if (!modlink::is_executable(region))
        return;
    const shadow::Code code{block.place, block.size};
    const bool is_init = region == modlink::Region::init_text;
    const Loaded module = take(is_init ? &Loaded::init : &Loaded::text, block.place);
    const bool goes_on = is_init && module.text != 0;
    if (!goes_on)
        report(module, code);
    shadow::forget_code(code, goes_on ? module.text : 0);
}

}  // namespace tenon::leaks
