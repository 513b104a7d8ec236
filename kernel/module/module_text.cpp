#include "kernel/module/module_text.h"

#include "kernel/debug/kallsyms.h"

namespace tenon::module_text {
namespace {

using modreg::Module;
using modreg::Registry;
using modreg::State;
using pseudo::Addresses;
using pseudo::shown_address;

std::string_view state_word(State state)
{
    switch (state) {
    case State::live: return "Live";
    case State::going: return "Unloading";
    default: return "Loading";
    }
}

void write_users(Registry::Modules& modules, const Module& module, TextSink& out)
{
    bool any = false;
    for (const Module& other : modules)
        if (depends_on(other, module)) {
            format_to(out, "{},", other.name());
            any = true;
        }
    if (!any)
        out.write("-");
}

u64 size_of(const Module& module, modlink::Lifetime lifetime)
{
    u64 size = 0;
    for (const modlink::Region region : modlink::all_regions)
        if (modlink::lifetime_of(region) == lifetime)
            size += module.image.size(region);
    return size;
}

u64 text_address(const Module& module)
{
    const auto& text = module.image.block(modlink::Region::text);
    return text ? text->place : 0;
}

void write_module(Registry::Modules& modules, const Module& module, TextSink& out, Addresses addresses)
{
    format_to(out, "{} {} {} ", module.name(), core_size(module) + init_size(module), module.references());
    write_users(modules, module, out);
    format_to(out, " {} {:#018x}", state_word(module.state()), shown_address(text_address(module), addresses));
    if (const auto letters = taints(module); letters.size() != 0)
        format_to(out, " ({})", letters.view());
    out.write("\n");
}

void write_module_symbols(const Module& module, TextSink& out, Addresses addresses)
{
    for (const ModuleSymbol& symbol : module.symbols) {
        if (!resched_point())
            return;
        format_to(out, "{:016x} t {}\t[{}]\n", shown_address(text_address(module) + symbol.offset, addresses),
                  module.symbol_names + symbol.name, module.name());
    }
}

}  // namespace

void write_modules(Registry& registry, TextSink& out, Addresses addresses)
{
    registry.with_modules([&](Registry::Modules& modules) {
        for (const Module& module : modules)
            if (module.state() != State::unformed && resched_point())
                write_module(modules, module, out, addresses);
    });
}

void write_symbols(Registry& registry, TextSink& out, Addresses addresses)
{
    for (u32 index = 0; index < kallsyms::count(); ++index) {
        if (!resched_point())
            return;
        const kallsyms::Symbol symbol = kallsyms::at(index);
        format_to(out, "{:016x} {} {}\n", shown_address(symbol.address, addresses), symbol.type, symbol.name);
    }
    registry.with_modules([&](Registry::Modules& modules) {
        for (const Module& module : modules)
            if (module.state() == State::coming || module.state() == State::live)
                write_module_symbols(module, out, addresses);
    });
}

u64 core_size(const Module& module)
{
    return size_of(module, modlink::Lifetime::core);
}

u64 init_size(const Module& module)
{
    return size_of(module, modlink::Lifetime::init);
}

FixedText<4> taints(const Module& module)
{
    FixedText<4> letters;
    if (!module.gpl_compatible)
        letters.write("P");
    if (module.forced)
        letters.write("F");
    if (!module.in_tree)
        letters.write("O");
    return letters;
}

bool depends_on(const Module& user, const Module& provider)
{
    return user.dependencies.contains(provider);
}

}  // namespace tenon::module_text
