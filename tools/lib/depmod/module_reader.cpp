#include "tools/lib/depmod/module_reader.h"

#include <atomic>
#include <unordered_map>

#include "module/elf/metadata_view.h"
#include "tools/lib/helper_thread.h"
#include "tools/lib/index_format.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_file.h"

namespace tenon::tools {

namespace {

// One thread's part of the work.
class Worker {
public:
    Worker(int folder, const ReadOptions& options, StringArena& arena)
        : folder_(folder), options_(options), arena_(arena)
    {
    }

    void read(ModuleRecord& record)
    {
        const auto result = try_read(record);
        if (!result)
            message(Severity::error, "failed to load symbols from %s: %s", record.full_path.c_str(),
                    error_text(result.error()));
    }

private:
    Result<> try_read(ModuleRecord& record)
    {
        // Files outside the folder have absolute paths.
        TRY(record.path.starts_with('/') ? file_.open(record.path) : file_.open_at(folder_, record.path));
        const auto view = TRY(file_.view(storage_));
        room_for_names_ = names_limit;
        read_info(record, view);
        if (view.has_exports())
            view.for_each_export([&](const elf::MetadataView::Version& symbol) {
                if (!take_room(symbol.name))
                    return false;
                record.exports.push_back({SymbolName(arena_.keep(without_prefix(symbol.name))), symbol.crc});
                return true;
            });
        else if (!view.has_symbols())
            message(Severity::debug, "ignoring %s: no symbols", record.full_path.c_str());
        read_needs(record, view);
        if (room_for_names_ == 0) {
            record.exports.clear();
            record.needs.clear();
            return fail(Errno::fbig);
        }
        return {};
    }

    // The names of a module are all kept, and may share the bytes of its file. Whether there is room for one more.
    bool take_room(std::string_view name)
    {
        room_for_names_ = name.size() < room_for_names_ ? room_for_names_ - name.size() : 0;
        return room_for_names_ > 0;
    }

    void read_info(ModuleRecord& record, const elf::MetadataView& view)
    {
        for (const auto& entry : view.modinfo()) {
            if (entry.key == "alias")
                record.aliases.push_back(arena_.keep(entry.value));
            else if (entry.key == "softdep")
                record.softdeps.push_back(arena_.keep(entry.value));
            else if (entry.key == "weakdep")
                record.weakdeps.push_back(arena_.keep(entry.value));
        }
    }

    void read_needs(ModuleRecord& record, const elf::MetadataView& view)
    {
        scratch_.clear();
        view.for_each_undefined([&](std::string_view name, elf::SymbolBinding binding) {
            if (!take_room(name))
                return false;
            scratch_.push_back({SymbolName(without_prefix(name)), 0, binding == elf::SymbolBinding::weak});
            return true;
        });
        if (options_.versions)
            add_versions(view);
        record.needs.assign(scratch_.begin(), scratch_.end());
        for (NeededSymbol& symbol : record.needs)
            symbol.name.text = arena_.keep(symbol.name.text);
    }

    void add_versions(const elf::MetadataView& view)
    {
        std::unordered_map<std::string_view, std::size_t, KeyedHash> places;  // the first of each name
        for (std::size_t place = 0; place < scratch_.size(); ++place)
            places.emplace(scratch_[place].name.text, place);
        view.for_each_required_version([&](const elf::MetadataView::Version& version) {
            const SymbolName name(without_prefix(version.name));
            const auto [known, fresh] = places.emplace(name.text, scratch_.size());
            if (fresh)
                scratch_.push_back({name, version.crc, false});
            else
                scratch_[known->second].crc = version.crc;
        });
    }

    std::string_view without_prefix(std::string_view name) const
    {
        const bool prefixed = options_.symbol_prefix != '\0' && name.starts_with(options_.symbol_prefix);
        return prefixed ? name.substr(1) : name;
    }

    // As much as an index may hold (tools/lib/index_format.h).
    static constexpr std::size_t names_limit = index_format::offset_mask;

    int folder_;
    const ReadOptions& options_;
    StringArena& arena_;
    ModuleFile file_;
    elf::MetadataView::Storage storage_;
    std::vector<NeededSymbol> scratch_;
    std::size_t room_for_names_ = 0;
};

}  // namespace

void ModuleReader::read(std::span<ModuleRecord> records, int folder, const ReadOptions& options, const Progress& progress)
{
    std::atomic<std::size_t> next = 0;
    const auto work = [&](StringArena& arena, const Progress* report) {
        Worker worker(folder, options, arena);
        for (std::size_t index; (index = next.fetch_add(1, std::memory_order_relaxed)) < records.size();) {
            worker.read(records[index]);
            if (report != nullptr)
                (*report)(index);
        }
    };
    std::vector<std::optional<std::jthread>> helpers;
    for (unsigned number = 1; number < options.threads; ++number) {
        StringArena& arena = arenas_.emplace_back();
        helpers.push_back(start_helper([&work, &arena] { work(arena, nullptr); }));
    }
    work(arenas_.emplace_back(), &progress);
}

}  // namespace tenon::tools
