#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/lib/types.h"
#include "tools/lib/depmod/module_record.h"

namespace tenon::tools {

// Who exports a symbol: a module by its number, or the kernel.
class ExportTable {
public:
    static constexpr u32 kernel = ~u32{0};

    struct Entry {
        SymbolName name;
        u64 crc;
        u32 owner;
    };

    explicit ExportTable(std::size_t expected);

    // A later definition takes the place of an earlier one.
    void add(const SymbolName& name, u64 crc, u32 owner);

    // Null when nobody exports it.
    const Entry* find(const SymbolName& name) const;

    std::span<const Entry> entries() const { return entries_; }

private:
    std::size_t slot_of(const SymbolName& name) const;

    std::vector<Entry> entries_;
    std::vector<u32> slots_;  // number of an entry + 1; 0 is free
    std::size_t mask_;
};

struct ResolveOptions {
    bool report_unknown = false;
    bool check_versions = false;  // report those that differ, when unknown ones are reported
    bool tell_each = false;       // print every dependency with the first symbol that makes it one
};

// Fills `dependencies` and `users` of all records.
void resolve_dependencies(std::span<ModuleRecord> records, const ExportTable& exports, const ResolveOptions& options);

// Fills `order` of all records and sorts their direct dependencies by it. Otherwise the modules that are in a cycle or used by one
// only, by number, users before what they use as far as that goes; the orders are then not filled.
std::vector<u32> order_dependencies(std::span<ModuleRecord> records);

// All that a module depends on, directly or not, users before what they use. Keeps its marks between calls.
class DependencyClosure {
public:
    explicit DependencyClosure(std::span<const ModuleRecord> records) : records_(records), seen_(records.size()) {}

    // Valid until the next call.
    std::span<const u32> of(u32 module);

private:
    std::span<const ModuleRecord> records_;
    std::vector<bool> seen_;
    std::vector<u32> list_;
};

}  // namespace tenon::tools
