#include "tools/lib/depmod/dependency.h"

#include <algorithm>
#include <bit>
#include <cstdio>

#include "tools/lib/messages.h"

namespace tenon::tools {

ExportTable::ExportTable(std::size_t expected) : slots_(std::bit_ceil(expected * 2 + 16)), mask_(slots_.size() - 1)
{
    entries_.reserve(expected);
}

std::size_t ExportTable::slot_of(const SymbolName& name) const
{
    std::size_t slot = name.hash & mask_;
    while (slots_[slot] != 0) {
        const SymbolName& other = entries_[slots_[slot] - 1].name;
        if (other.hash == name.hash && other.text == name.text)
            break;
        slot = (slot + 1) & mask_;
    }
    return slot;
}

void ExportTable::add(const SymbolName& name, u64 crc, u32 owner)
{
    const std::size_t slot = slot_of(name);
    if (slots_[slot] != 0) {
        entries_[slots_[slot] - 1] = {name, crc, owner};
        return;
    }
    entries_.push_back({name, crc, owner});
    slots_[slot] = static_cast<u32>(entries_.size());
    if (entries_.size() * 2 <= slots_.size())
        return;
    slots_.assign(slots_.size() * 2, 0);
    mask_ = slots_.size() - 1;
    for (u32 number = 1; const Entry& entry : entries_)
        slots_[slot_of(entry.name)] = number++;
}

const ExportTable::Entry* ExportTable::find(const SymbolName& name) const
{
    const u32 number = slots_[slot_of(name)];
    return number == 0 ? nullptr : &entries_[number - 1];
}

namespace {

// Where functions are called by descriptors, a dot before a function's name is that of its code: who exports the function provides it.
// The table of contents, .TOC., is found without its dot, too. kmod does this for every machine.
const ExportTable::Entry* find_provider(const ExportTable& exports, const SymbolName& name)
{
    return name.text.starts_with('.') ? exports.find(SymbolName(name.text.substr(1))) : exports.find(name);
}

void check_symbol(const ModuleRecord& record, const NeededSymbol& symbol, const ExportTable::Entry* found,
                  const ResolveOptions& options)
{
    if (!options.report_unknown || symbol.weak)
        return;
    if (found == nullptr)
        message(Severity::warning, "%s needs unknown symbol %.*s", record.full_path.c_str(), TENON_TEXT(symbol.name.text));
    else if (options.check_versions && symbol.crc != found->crc)
        message(Severity::warning, "%s disagrees about version of symbol %.*s", record.full_path.c_str(),
                TENON_TEXT(symbol.name.text));
}

}  // namespace

void resolve_dependencies(std::span<ModuleRecord> records, const ExportTable& exports, const ResolveOptions& options)
{
    std::vector<u32> last_user(records.size(), ExportTable::kernel);  // to take each dependency once
    for (u32 number = 0; number < records.size(); ++number) {
        ModuleRecord& record = records[number];
        for (const NeededSymbol& symbol : record.needs) {
            const ExportTable::Entry* found = find_provider(exports, symbol.name);
            check_symbol(record, symbol, found, options);
            if (found == nullptr || found->owner == ExportTable::kernel || found->owner == number)
                continue;
            if (last_user[found->owner] == number)
                continue;
            if (options.tell_each)
                std::printf("%s needs \"%.*s\": %s\n", record.full_path.c_str(), TENON_TEXT(symbol.name.text),
                            records[found->owner].full_path.c_str());
            last_user[found->owner] = number;
            record.dependencies.push_back(found->owner);
            ++records[found->owner].users;
        }
    }
}

// Takes away modules without users, last found first, which makes the order the same as kmod's.
std::vector<u32> order_dependencies(std::span<ModuleRecord> records)
{
    std::vector<u32> users(records.size());
    std::vector<u32> roots;
    for (u32 number = 0; number < records.size(); ++number) {
        users[number] = records[number].users;
        if (users[number] == 0)
            roots.push_back(number);
    }
    u32 ordered = 0;
    while (!roots.empty()) {
        ModuleRecord& record = records[roots.back()];
        roots.pop_back();
        record.order = ordered++;
        for (const u32 dependency : record.dependencies)
            if (--users[dependency] == 0)
                roots.push_back(dependency);
    }
    std::vector<u32> left;
    if (ordered < records.size()) {
        for (u32 number = 0; number < records.size(); ++number)
            if (users[number] > 0)
                left.push_back(number);
        return left;
    }
    for (ModuleRecord& record : records)
        std::sort(record.dependencies.begin(), record.dependencies.end(),
                  [&](u32 a, u32 b) { return records[a].order < records[b].order; });
    return left;
}

// The list is its own queue: what stands in it is seen, what lies behind `next` is not expanded yet.
std::span<const u32> DependencyClosure::of(u32 module)
{
    for (const u32 number : list_)
        seen_[number] = false;
    list_.clear();
    const auto take_dependencies = [&](u32 of) {
        for (const u32 dependency : records_[of].dependencies) {
            if (!seen_[dependency])
                list_.push_back(dependency);
            seen_[dependency] = true;
        }
    };
    take_dependencies(module);
    for (std::size_t next = 0; next < list_.size(); ++next)
        take_dependencies(list_[next]);
    std::sort(list_.begin(), list_.end(), [&](u32 a, u32 b) { return records_[a].order < records_[b].order; });
    return list_;
}

}  // namespace tenon::tools
