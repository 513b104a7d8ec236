#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernel/lib/result.h"
#include "tools/lib/depmod/depmod_config.h"
#include "tools/lib/depmod/module_record.h"
#include "tools/lib/file.h"
#include "tools/lib/keyed_hash.h"
#include "tools/lib/messages.h"

namespace tenon::tools {

// Finds the module files below a module folder, one for each module name.
class TreeScan {
public:
    TreeScan(std::string directory, const DepmodConfig& config) : directory_(std::move(directory)), config_(config) {}

    // Everything below the module folder and the external folders. The error of a folder that cannot be read.
    Result<> scan();

    // One file, by its absolute path.
    void add_file(const std::string& path);

    // The records, sorted as `order_text` (modules.order) has them, what is not named there behind, in the order of kmod's
    // hash table of names.
    std::vector<ModuleRecord> take(std::string_view order_text);

private:
    class Step;

    // The folder at `path`, found in `parent`. One that cannot be opened is told with that severity, and is the result; the
    // rest of the tree goes on.
    Result<> scan_folder(Result<FileDescriptor> opened, const std::string& path, const Step* parent,
                         Severity severity = Severity::error);
    void add(const std::string& full_path);
    bool replaces(const std::string& newer, const std::string& older, const std::string& name) const;
    bool excluded(std::string_view name) const;

    std::string directory_;
    const DepmodConfig& config_;
    std::vector<ModuleRecord> records_;
    std::unordered_map<std::string, std::size_t, KeyedHash> by_name_;
};

}  // namespace tenon::tools
