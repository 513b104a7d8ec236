#pragma once

#include <deque>
#include <functional>
#include <span>
#include <vector>

#include "tools/lib/depmod/module_record.h"

namespace tenon::tools {

struct ReadOptions {
    unsigned threads = 1;
    bool versions = false;    // read what versions symbols must have, too
    char symbol_prefix = '\0';  // to be taken off symbol names
};

// Fills the records of many modules from their files, several at a time. A file that cannot be read or understood is reported,
// and its record stays empty. `folder` is the open module folder that relative paths start from.
class ModuleReader {
public:
    using Progress = std::function<void(std::size_t done)>;

    // `progress` is called from one of the threads after each of its files.
    void read(std::span<ModuleRecord> records, int folder, const ReadOptions& options, const Progress& progress);

private:
    std::deque<StringArena> arenas_;
};

}  // namespace tenon::tools
