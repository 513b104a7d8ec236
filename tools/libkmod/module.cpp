#include "tools/libkmod/module.h"

using namespace tenon;
using namespace tenon::tools;
using namespace tenon::tools::libkmod;

kmod_module::kmod_module(kmod_ctx& of, std::string its_name, std::string its_alias)
    : context(of), name(std::move(its_name)), alias(std::move(its_alias))
{
    context.modules.emplace(std::pair(name, alias), this);
    kmod_ref(&context);
}

kmod_module::~kmod_module()
{
    context.modules.erase({name, alias});
    kmod_unref(&context);
}

void kmod_module::resolve()
{
    if (!resolved_)
        resolve(Lookup(context).catalog().module(name, alias));
}

void kmod_module::resolve(const Module& found)
{
    if (resolved_)
        return;
    std::vector<std::string> names;
    for (const Module* dependency : found.needed)
        names.push_back(dependency->name);
    if (path.empty())
        path = found.path;
    needed = std::move(names);
    resolved_ = true;
}

namespace tenon::tools::libkmod {

ModuleReference obtain(kmod_ctx& context, const std::string& name, const std::string& alias)
{
    const auto known = context.modules.find({name, alias});
    return ModuleReference(known == context.modules.end() ? new kmod_module(context, name, alias) : kmod_module_ref(known->second));
}

ModuleReference obtain(kmod_ctx& context, const Module& found)
{
    auto module = obtain(context, found.name, found.alias);
    module->resolve(found);
    return module;
}

Module bare(const kmod_module& module)
{
    Module result;
    result.name = module.name;
    result.alias = module.alias;
    return result;
}

Module& in_catalog(Catalog& catalog, const kmod_module& module)
{
    Module& found = catalog.module(module.name, module.alias);
    if (!module.path.empty())
        found.path = module.path;
    return found;
}

void append(List& list, ModuleReference module)
{
    list.append(std::make_unique<ModuleEntry>(std::move(module)));
}

namespace {

// What a setting is, asked for the first time or not.
template <typename Ask>
const char* setting(const kmod_module* module, const char* function, kmod_module::Setting kmod_module::*which, Ask ask)
{
    if (module == nullptr)
        return nullptr;
    return answer(module->context, function, [&]() -> Result<const char*> {
        auto& value = inner(*module).*which;
        if (!value.known) {
            value.text = ask();
            value.known = true;
        }
        return value.text ? value.text->c_str() : nullptr;
    });
}

std::optional<std::string> command_text(const std::vector<ConfigCommand>& commands, const kmod_module& module)
{
    const ConfigCommand* found = Config::command_for(commands, module.name);
    return found == nullptr ? std::nullopt : std::optional(found->command);
}

}  // namespace

}  // namespace tenon::tools::libkmod

extern "C" {

kmod_module* kmod_module_ref(kmod_module* mod)
{
    if (mod != nullptr)
        ++mod->references;
    return mod;
}

kmod_module* kmod_module_unref(kmod_module* mod)
{
    if (mod == nullptr || --mod->references > 0)
        return mod;
    delete mod;
    return nullptr;
}

kmod_module* kmod_module_get_module(const kmod_list* entry)
{
    return entry == nullptr ? nullptr : kmod_module_ref(entry_as<ModuleEntry>(entry)->module.get());
}

const char* kmod_module_get_name(const kmod_module* mod)
{
    return mod == nullptr ? nullptr : mod->name.c_str();
}

const char* kmod_module_get_path(const kmod_module* mod)
{
    if (mod == nullptr)
        return nullptr;
    return answer(mod->context, __func__, [&]() -> Result<const char*> {
        if (mod->path.empty())
            inner(*mod).resolve();
        return text_or_null(mod->path);
    });
}

const char* kmod_module_get_options(const kmod_module* mod)
{
    return setting(mod, __func__, &kmod_module::options, [&]() -> std::optional<std::string> {
        Lookup lookup(mod->context);
        std::string text = lookup.catalog().options(bare(*mod));
        return text.empty() ? std::nullopt : std::optional(std::move(text));
    });
}

const char* kmod_module_get_install_commands(const kmod_module* mod)
{
    return setting(mod, __func__, &kmod_module::install_command,
                   [&] { return command_text(mod->context.config.install_commands, *mod); });
}

const char* kmod_module_get_remove_commands(const kmod_module* mod)
{
    return setting(mod, __func__, &kmod_module::remove_command,
                   [&] { return command_text(mod->context.config.remove_commands, *mod); });
}

}  // extern "C"
