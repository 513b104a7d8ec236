#include "tools/lib/depmod/module_reader.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "module/elf/metadata_view.h"
#include "module/elf/name_hash.h"
#include "tools/lib/file.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_file.h"

namespace tenon::tools {

namespace {

// Reads whole files into one buffer: for thousands of small files cheaper than a mapping for each.
class FileBuffer {
public:
    Result<std::span<const std::byte>> read(int folder, const std::string& path)
    {
        const auto file = TRY(open_file_at(folder, path, O_RDONLY | O_NONBLOCK));
        struct stat status {};
        if (fstat(file.get(), &status) != 0)
            return last_error();
        if (!S_ISREG(status.st_mode))
            return fail(Errno::inval);
        TRY(reserve(static_cast<std::size_t>(status.st_size)));
        std::size_t size = 0;
        while (size < static_cast<std::size_t>(status.st_size)) {
            const ssize_t count = ::read(file.get(), data_.get() + size, static_cast<std::size_t>(status.st_size) - size);
            if (count < 0 && errno == EINTR)
                continue;
            if (count < 0)
                return last_error();
            if (count == 0)
                break;
            size += static_cast<std::size_t>(count);
        }
        return std::span<const std::byte>(data_.get(), size);
    }

private:
    static constexpr std::size_t size_limit = std::size_t{1} << 30;

    Result<> reserve(std::size_t size)
    {
        if (size > size_limit)
            return fail(Errno::fbig);
        if (size > capacity_) {
            data_.reset();
            capacity_ = std::max(size, capacity_ * 2);
            data_ = std::make_unique_for_overwrite<std::byte[]>(capacity_);
        }
        return {};
    }

    std::unique_ptr<std::byte[]> data_;
    std::size_t capacity_ = 0;
};

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
                    error_text(result.error() == Errno::noexec ? Errno::inval : result.error()));
    }

private:
    Result<> try_read(ModuleRecord& record)
    {
        const auto file = TRY(buffer_.read(folder_, record.path));
        const auto image = TRY(decompressor_.unpack(file));
        const auto view = TRY(elf::MetadataView::parse(image));
        read_info(record, view);
        if (view.has_exports())
            view.for_each_export([&](const elf::MetadataView::Version& symbol) {
                record.exports.push_back({keep(without_prefix(symbol.name)), symbol.crc});
            });
        else if (!view.has_symbols())
            message(Severity::debug, "ignoring %s: no symbols", record.full_path.c_str());
        read_needs(record, view);
        return {};
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
        view.for_each_undefined([&](const char* name, elf::SymbolBinding binding) {
            const auto hashed = elf::hashed_name(name);
            scratch_.push_back({hash_without_prefix(hashed), 0, false, binding == elf::SymbolBinding::weak});
        });
        if (options_.versions)
            add_versions(view);
        record.needs.assign(scratch_.begin(), scratch_.end());
        for (NeededSymbol& symbol : record.needs)
            symbol.name.text = arena_.keep(symbol.name.text);
    }

    void add_versions(const elf::MetadataView& view)
    {
        view.for_each_required_version([&](const elf::MetadataView::Version& version) {
            const SymbolName name = hash_without_prefix({version.name, elf::name_hash(version.name)});
            const auto known = std::find_if(scratch_.begin(), scratch_.end(), [&](const NeededSymbol& symbol) {
                return symbol.name.hash == name.hash && symbol.name.text == name.text;
            });
            if (known == scratch_.end()) {
                scratch_.push_back({name, version.crc, true, false});
            } else {
                known->crc = version.crc;
                known->has_crc = true;
            }
        });
    }

    std::string_view without_prefix(std::string_view name) const
    {
        const bool prefixed = options_.symbol_prefix != '\0' && name.starts_with(options_.symbol_prefix);
        return prefixed ? name.substr(1) : name;
    }

    SymbolName hash_without_prefix(elf::HashedName hashed) const
    {
        const std::string_view name = without_prefix(hashed.name);
        return {name, name.size() == hashed.name.size() ? hashed.hash : elf::name_hash(name)};
    }

    SymbolName keep(std::string_view name) { return {arena_.keep(name), elf::name_hash(name)}; }

    int folder_;
    const ReadOptions& options_;
    StringArena& arena_;
    FileBuffer buffer_;
    Decompressor decompressor_;
    std::vector<NeededSymbol> scratch_;
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
    std::vector<std::jthread> helpers;
    for (unsigned number = 1; number < options.threads; ++number) {
        StringArena& arena = arenas_.emplace_back();
        helpers.emplace_back([&work, &arena] { work(arena, nullptr); });
    }
    work(arenas_.emplace_back(), &progress);
}

}  // namespace tenon::tools
