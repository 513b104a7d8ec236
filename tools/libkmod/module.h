#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/libkmod/call.h"
#include "tools/libkmod/list.h"

// What a context knows under a name, or under a name that an alias led to.
struct kmod_module {
    // Its first reference belongs to the caller; the context keeps one to none of its modules, each module one to the context.
    kmod_module(kmod_ctx& of, std::string its_name, std::string its_alias);
    ~kmod_module();
    kmod_module(const kmod_module&) = delete;
    kmod_module& operator=(const kmod_module&) = delete;

    // Takes file and dependencies from the folder's indexes, if that has not happened yet.
    void resolve();
    void resolve(const tenon::tools::Module& found);

    kmod_ctx& context;
    int references = 1;
    const std::string name;
    const std::string alias;  // empty: found by its name
    std::string path;         // empty: no file is known
    std::vector<std::string> needed;  // names, in load order

    // What was asked already.
    struct Setting {
        bool known = false;
        std::optional<std::string> text;
    };
    Setting options;
    Setting install_command;
    Setting remove_command;

private:
    bool resolved_ = false;
};

namespace tenon::tools::libkmod {

struct GiveBack {
    void operator()(kmod_module* module) const { kmod_module_unref(module); }
};
using ModuleReference = std::unique_ptr<kmod_module, GiveBack>;

// The context's object of that name and alias, made when there is none.
ModuleReference obtain(kmod_ctx& context, const std::string& name, const std::string& alias);
ModuleReference obtain(kmod_ctx& context, const Module& found);

// The same module for a question in which files and dependencies play no part.
Module bare(const kmod_module& module);

// The same module in a look-up.
Module& in_catalog(Catalog& catalog, const kmod_module& module);

struct ModuleEntry final : kmod_list {
    explicit ModuleEntry(ModuleReference its_module) : module(std::move(its_module)) {}

    ModuleReference module;
};

void append(List& list, ModuleReference module);

// A string of a module; null when it is empty.
inline const char* text_or_null(const std::string& text)
{
    return text.empty() ? nullptr : text.c_str();
}

// Functions that only read take modules as const; what they find out is kept in them.
inline kmod_module& inner(const kmod_module& module)
{
    return const_cast<kmod_module&>(module);
}

}  // namespace tenon::tools::libkmod
