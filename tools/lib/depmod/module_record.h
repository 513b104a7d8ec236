#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/lib/types.h"
#include "tools/lib/keyed_hash.h"

namespace tenon::tools {

// Keeps copies of strings until it dies. Not thread safe; one per thread.
class StringArena {
public:
    std::string_view keep(std::string_view text)
    {
        if (text.size() > room_) {
            room_ = text.size() > chunk_size / 4 ? text.size() : chunk_size;
            chunks_.push_back(std::make_unique_for_overwrite<char[]>(room_));
            next_ = chunks_.back().get();
        }
        std::memcpy(next_, text.data(), text.size());
        const std::string_view kept(next_, text.size());
        next_ += text.size();
        room_ -= text.size();
        return kept;
    }

private:
    static constexpr std::size_t chunk_size = std::size_t{1} << 18;

    std::vector<std::unique_ptr<char[]>> chunks_;
    char* next_ = nullptr;
    std::size_t room_ = 0;
};

// A symbol name with its hash, computed where the name was read.
struct SymbolName {
    SymbolName() = default;
    explicit SymbolName(std::string_view name) : text(name), hash(keyed_hash(name)) {}

    std::string_view text;
    u64 hash = 0;
};

struct ExportedSymbol {
    SymbolName name;
    u64 crc = 0;
};

struct NeededSymbol {
    SymbolName name;
    u64 crc = 0;  // 0 when the module does not say which version it wants
    bool weak = false;
};

// What depmod knows of one module.
struct ModuleRecord {
    std::string path;         // as it is written to modules.dep: below the module folder, or absolute
    std::string full_path;    // for messages
    std::string name;
    i64 sort_key = 0;         // smaller first

    // From the file. The texts live in the arenas of the reader.
    std::vector<ExportedSymbol> exports;
    std::vector<NeededSymbol> needs;
    std::vector<std::string_view> aliases;
    std::vector<std::string_view> softdeps;
    std::vector<std::string_view> weakdeps;

    // From the dependency resolution; numbers of other records.
    std::vector<u32> dependencies;  // direct ones, each once, in the order of the symbols
    u32 users = 0;                  // modules that depend directly on this one
    u32 order = 0;                  // in the topological order: users before what they use
};

}  // namespace tenon::tools
