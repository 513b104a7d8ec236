#pragma once

#include <ctime>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/lib/catalog.h"
#include "tools/lib/config.h"
#include "tools/lib/module_directory.h"
#include "tools/libkmod/libkmod.h"
#include "tools/libkmod/log.h"

namespace tenon::tools::libkmod {

// A file or folder and when it was last changed.
class Stamp {
public:
    // Nothing when it does not exist.
    static std::optional<Stamp> of(const std::string& path);

    bool is_current() const;

private:
    std::string path_;
    timespec time_{};
};

}  // namespace tenon::tools::libkmod

// Used by one thread at a time.
struct kmod_ctx {
    // `config_paths` as kmod_new() takes them.
    kmod_ctx(const char* dirname, const char* const* config_paths);
    kmod_ctx(const kmod_ctx&) = delete;
    kmod_ctx& operator=(const kmod_ctx&) = delete;

    int references = 1;  // one for each module, too
    void* userdata = nullptr;
    tenon::tools::libkmod::Log log;
    std::string folder;
    tenon::tools::Config config;
    std::vector<tenon::tools::libkmod::Stamp> config_stamps;

    // While the indexes are loaded.
    std::optional<tenon::tools::ModuleDirectory> resources;
    std::vector<tenon::tools::libkmod::Stamp> index_stamps;

    // Those that live, by name and alias; each takes itself out when its last reference goes.
    std::map<std::pair<std::string, std::string>, kmod_module*> modules;
};

namespace tenon::tools::libkmod {

// Answers what names mean during one call, from the indexes that are loaded or, if none are, as they are now.
class Lookup {
public:
    explicit Lookup(const kmod_ctx& context)
        : own_(context.folder), catalog_(context.resources ? *context.resources : own_, context.config)
    {
    }

    Catalog& catalog() { return catalog_; }

private:
    ModuleDirectory own_;
    Catalog catalog_;
};

}  // namespace tenon::tools::libkmod
