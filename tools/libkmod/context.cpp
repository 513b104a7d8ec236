#include "tools/libkmod/context.h"

#include <memory>
#include <sys/stat.h>

#include "tools/lib/config_files.h"
#include "tools/lib/file.h"
#include "tools/lib/syscalls.h"

using namespace tenon::tools;

namespace tenon::tools::libkmod {

std::optional<Stamp> Stamp::of(const std::string& path)
{
    struct stat status {};
    if (stat(path.c_str(), &status) != 0)
        return std::nullopt;
    Stamp stamp;
    stamp.path_ = path;
    stamp.time_ = status.st_mtim;
    return stamp;
}

bool Stamp::is_current() const
{
    const auto now = of(path_);
    return now && now->time_.tv_sec == time_.tv_sec && now->time_.tv_nsec == time_.tv_nsec;
}

}  // namespace tenon::tools::libkmod

namespace {

std::vector<std::string> strings_of(const char* const* strings)
{
    std::vector<std::string> result;
    for (; *strings != nullptr; ++strings)
        result.emplace_back(*strings);
    return result;
}

}  // namespace

kmod_ctx::kmod_ctx(const char* dirname, const char* const* config_paths)
    : folder(dirname == nullptr ? "/lib/modules/" + kernel_release() : absolute_path(dirname))
{
    const libkmod::LogScope scope(log, "kmod_new");
    const auto paths = config_paths == nullptr ? default_config_folders("modprobe.d") : strings_of(config_paths);
    for (const std::string& path : paths)
        if (auto stamp = libkmod::Stamp::of(path))
            config_stamps.push_back(*std::move(stamp));
    config = read_module_config(folder, paths);
}

extern "C" {

kmod_ctx* kmod_new(const char* dirname, const char* const* config_paths)
{
    try {
        return new kmod_ctx(dirname, config_paths);
    } catch (...) {  // out of memory is all that can happen
        errno = ENOMEM;
        return nullptr;
    }
}

kmod_ctx* kmod_ref(kmod_ctx* ctx)
{
    if (ctx != nullptr)
        ++ctx->references;
    return ctx;
}

kmod_ctx* kmod_unref(kmod_ctx* ctx)
{
    if (ctx == nullptr || --ctx->references > 0)
        return ctx;
    delete ctx;
    return nullptr;
}

void kmod_set_log_fn(kmod_ctx* ctx, tenon::tools::libkmod::LogFunction log_fn, const void* data)
{
    if (ctx == nullptr)
        return;
    ctx->log.function = log_fn;
    ctx->log.data = const_cast<void*>(data);
}

int kmod_get_log_priority(const kmod_ctx* ctx)
{
    return ctx == nullptr ? -1 : ctx->log.priority;
}

void kmod_set_log_priority(kmod_ctx* ctx, int priority)
{
    if (ctx != nullptr)
        ctx->log.priority = priority;
}

void* kmod_get_userdata(const kmod_ctx* ctx)
{
    return ctx == nullptr ? nullptr : ctx->userdata;
}

void kmod_set_userdata(kmod_ctx* ctx, const void* userdata)
{
    if (ctx != nullptr)
        ctx->userdata = const_cast<void*>(userdata);
}

const char* kmod_get_dirname(const kmod_ctx* ctx)
{
    return ctx == nullptr ? nullptr : ctx->folder.c_str();
}

}  // extern "C"
