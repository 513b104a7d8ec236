#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "tools/lib/file.h"
#include "tools/lib/index_reader.h"

namespace tenon::tools {

enum class Index { dependencies, aliases, symbols, builtin, builtin_aliases, count };

// A folder of modules with the files that depmod wrote: ROOT/lib/modules/RELEASE. Indexes are opened when they are first
// asked for; one that is missing is empty. Not thread safe.
class ModuleDirectory {
public:
    // `root` is empty for the running system; a relative one is taken from the current folder.
    ModuleDirectory(const std::string& root, const std::string& release);

    // Of one release, by its own path.
    explicit ModuleDirectory(std::string path) : path_(std::move(path)) {}

    const std::string& path() const { return path_; }

    // The open folder; nothing when it does not exist.
    std::optional<int> folder() const;

    const IndexReader* index(Index which) const;

    // Opens an index; why it could not be opened, which is not reported.
    Result<> open_index(Index which) const;
    std::string index_path(Index which) const;

    // The line of modules.dep for a module: its file, then what it depends on.
    struct Dependencies {
        std::string path;                  // absolute
        std::vector<std::string> needed;   // absolute paths, in the order in which they must be loaded
    };
    std::optional<Dependencies> dependencies(std::string_view name) const;

    bool is_builtin(std::string_view name) const;

    // How modules.symbols spells the key of a symbol.
    static constexpr std::string_view symbol_prefix = "symbol:";

    // The first module that exports a symbol; empty when none does.
    std::string provider_of(const std::string& symbol) const;

private:
    struct Slot {
        bool tried = false;
        std::optional<IndexReader> reader;
    };

    std::string path_;
    mutable bool tried_ = false;
    mutable FileDescriptor folder_;
    mutable std::array<Slot, static_cast<std::size_t>(Index::count)> slots_;
};

}  // namespace tenon::tools
