#include <functional>
#include <memory>

#include "tools/lib/words.h"
#include "tools/libkmod/call.h"

using namespace tenon;
using namespace tenon::tools;
using namespace tenon::tools::libkmod;

// Stands on an entry of one of the configuration's lists, or before the first.
struct kmod_config_iter {
    struct Line {
        const char* key;
        std::optional<std::string> value;
    };

    std::size_t count;
    std::function<Line(std::size_t number)> line_of;
    std::optional<std::size_t> number;
    Line line{};
};

namespace {

template <typename Entries, typename LineOf>
kmod_config_iter* iterate(const kmod_ctx* context, const char* function, Entries Config::*which, LineOf line_of)
{
    if (context == nullptr)
        return nullptr;
    return answer(*context, function, [&]() -> Result<kmod_config_iter*> {
        const Entries& entries = context->config.*which;
        return new kmod_config_iter{entries.size(), [&entries, line_of](std::size_t number) { return line_of(entries[number]); }, {}, {}};
    });
}

kmod_config_iter::Line command_line(const ConfigCommand& entry)
{
    return {entry.pattern.c_str(), entry.command};
}

}  // namespace

extern "C" {

kmod_config_iter* kmod_config_get_blacklists(const kmod_ctx* ctx)
{
    return iterate(ctx, __func__, &Config::blacklists,
                   [](const ConfigBlacklist& entry) { return kmod_config_iter::Line{entry.module.c_str(), {}}; });
}

kmod_config_iter* kmod_config_get_install_commands(const kmod_ctx* ctx)
{
    return iterate(ctx, __func__, &Config::install_commands, command_line);
}

kmod_config_iter* kmod_config_get_remove_commands(const kmod_ctx* ctx)
{
    return iterate(ctx, __func__, &Config::remove_commands, command_line);
}

kmod_config_iter* kmod_config_get_aliases(const kmod_ctx* ctx)
{
    return iterate(ctx, __func__, &Config::aliases,
                   [](const ConfigAlias& entry) { return kmod_config_iter::Line{entry.pattern.c_str(), entry.module}; });
}

kmod_config_iter* kmod_config_get_options(const kmod_ctx* ctx)
{
    return iterate(ctx, __func__, &Config::options,
                   [](const ConfigOptions& entry) { return kmod_config_iter::Line{entry.module.c_str(), entry.text}; });
}

kmod_config_iter* kmod_config_get_softdeps(const kmod_ctx* ctx)
{
    return iterate(ctx, __func__, &Config::softdeps,
                   [](const ConfigSoftdep& entry) { return kmod_config_iter::Line{entry.pattern.c_str(), softdep_text(entry)}; });
}

kmod_config_iter* kmod_config_get_weakdeps(const kmod_ctx* ctx)
{
    return iterate(ctx, __func__, &Config::weakdeps,
                   [](const ConfigWeakdep& entry) { return kmod_config_iter::Line{entry.pattern.c_str(), joined(entry.modules, " ")}; });
}

const char* kmod_config_iter_get_key(const kmod_config_iter* iter)
{
    return iter == nullptr || !iter->number ? nullptr : iter->line.key;
}

const char* kmod_config_iter_get_value(const kmod_config_iter* iter)
{
    return iter == nullptr || !iter->number || !iter->line.value ? nullptr : iter->line.value->c_str();
}

bool kmod_config_iter_next(kmod_config_iter* iter)
{
    if (iter == nullptr)
        return false;
    const std::size_t next = iter->number ? *iter->number + 1 : 0;
    iter->number.reset();
    if (next == iter->count)
        return false;
    try {
        iter->line = iter->line_of(next);
    } catch (...) {  // out of memory: the walk ends here
        return false;
    }
    iter->number = next;
    return true;
}

void kmod_config_iter_free_iter(kmod_config_iter* iter)
{
    delete iter;
}

}  // extern "C"
