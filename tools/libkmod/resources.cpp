#include <algorithm>
#include <array>

#include "tools/lib/file.h"
#include "tools/libkmod/call.h"

using namespace tenon;
using namespace tenon::tools;
using namespace tenon::tools::libkmod;

namespace {

struct NamedIndex {
    kmod_index type;
    Index index;
    const char* prefix;  // of each line of a dump
};

constexpr std::array<NamedIndex, 5> indexes = {{
    {KMOD_INDEX_MODULES_DEP, Index::dependencies, ""},
    {KMOD_INDEX_MODULES_ALIAS, Index::aliases, "alias "},
    {KMOD_INDEX_MODULES_SYMBOL, Index::symbols, "alias "},
    {KMOD_INDEX_MODULES_BUILTIN_ALIAS, Index::builtin_aliases, ""},
    {KMOD_INDEX_MODULES_BUILTIN, Index::builtin, ""},
}};

Result<int> load(kmod_ctx& context)
{
    if (context.resources)
        return 0;
    ModuleDirectory directory(context.folder);
    std::vector<Stamp> stamps;
    for (const NamedIndex& named : indexes) {
        if (auto stamp = Stamp::of(directory.index_path(named.index)))
            stamps.push_back(*std::move(stamp));
        const auto opened = directory.open_index(named.index);
        if (!opened && named.index != Index::builtin_aliases)
            return fail(opened.error());
    }
    context.index_stamps = std::move(stamps);
    context.resources.emplace(std::move(directory));
    return 0;
}

Result<int> dump(Lookup lookup, const NamedIndex& named, int descriptor)
{
    const IndexReader* reader = lookup.catalog().directory().index(named.index);
    if (reader == nullptr)
        return fail(Errno::nosys);
    std::string text;
    reader->for_each([&](const std::string& key, const IndexValue& value) {
        text.append(named.prefix).append(key).append(" ").append(value.text).append("\n");
    });
    TRY(write_all(descriptor, text));
    return 0;
}

}  // namespace

extern "C" {

int kmod_load_resources(kmod_ctx* ctx)
{
    if (ctx == nullptr)
        return -ENOENT;
    return answer(*ctx, __func__, [&] { return load(*ctx); });
}

void kmod_unload_resources(kmod_ctx* ctx)
{
    if (ctx == nullptr)
        return;
    ctx->resources.reset();
    ctx->index_stamps.clear();
}

int kmod_validate_resources(kmod_ctx* ctx)
{
    if (ctx == nullptr)
        return KMOD_RESOURCES_MUST_RECREATE;
    const auto all_current = [](const std::vector<Stamp>& stamps) {
        return std::all_of(stamps.begin(), stamps.end(), [](const Stamp& stamp) { return stamp.is_current(); });
    };
    const int recreate = KMOD_RESOURCES_MUST_RECREATE;  // when there is no memory to look, too
    const int status = answer(*ctx, __func__, [&]() -> Result<int> {
        if (!all_current(ctx->config_stamps))
            return recreate;
        return all_current(ctx->index_stamps) ? KMOD_RESOURCES_OK : KMOD_RESOURCES_MUST_RELOAD;
    });
    return status < 0 ? recreate : status;
}

int kmod_dump_index(kmod_ctx* ctx, kmod_index type, int fd)
{
    if (ctx == nullptr)
        return -ENOSYS;
    for (const NamedIndex& named : indexes)
        if (named.type == type)
            return answer(*ctx, __func__, [&] { return dump(Lookup(*ctx), named, fd); });
    return -ENOENT;
}

}  // extern "C"
