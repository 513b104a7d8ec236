#include "tools/lib/depmod/module_reader.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "module/elf/metadata_view.h"
#include "module/elf/name_hash.h"
#include "tools/lib/file.h"
#include "tools/lib/helper_thread.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_file.h"

namespace tenon::tools {

namespace {

// An open file that is read in parts. Compressed files are unpacked as a whole when it is opened.
class FileSource final : public elf::Source {
public:
    Result<> open(int folder, const std::string& path)
    {
        file_ = TRY(open_relative(folder, path));
        unpacked_ = {};
        struct stat status {};
        if (fstat(file_.get(), &status) != 0)
            return last_error();
        if (!S_ISREG(status.st_mode))
            return fail(Errno::inval);
        size_ = static_cast<u64>(status.st_size);
        std::array<std::byte, 8> start{};
        if (pread(file_.get(), start.data(), start.size(), 0) < 0)
            return last_error();
        if (compression_of(start) != Compression::none) {
            const auto packed = TRY(read_whole());
            unpacked_ = TRY(decompressor_.unpack(packed));
        }
        return {};
    }

    u64 size() const override { return size_; }
    std::span<const std::byte> contiguous() const override { return unpacked_; }

    Result<> read(u64 offset, std::span<std::byte> into) override
    {
        while (!into.empty()) {
            const ssize_t count = pread(file_.get(), into.data(), into.size(), static_cast<off_t>(offset));
            if (count < 0 && errno == EINTR)
                continue;
            if (count < 0)
                return last_error();
            if (count == 0)
                return fail(Errno::inval);  // it has become shorter
            offset += static_cast<u64>(count);
            into = into.subspan(static_cast<std::size_t>(count));
        }
        return {};
    }

private:
    static constexpr u64 size_limit = u64{1} << 30;

    // Files outside the folder have absolute paths.
    static Result<FileDescriptor> open_relative(int folder, const std::string& path)
    {
        constexpr int flags = O_RDONLY | O_NONBLOCK;
        return path.starts_with('/') ? open_file(path, flags) : open_file_at(folder, path, flags);
    }

    Result<std::span<const std::byte>> read_whole()
    {
        if (size_ > size_limit)
            return fail(Errno::fbig);
        const auto bytes = TRY(packed_.reserve(static_cast<std::size_t>(size_)));
        TRY(read(0, bytes));
        return bytes;
    }

    FileDescriptor file_;
    u64 size_ = 0;
    elf::MetadataStorage packed_;
    Decompressor decompressor_;
    std::span<const std::byte> unpacked_;
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
                    error_text(result.error()));
    }

private:
    Result<> try_read(ModuleRecord& record)
    {
        TRY(source_.open(folder_, record.path));
        const auto view = TRY(elf::MetadataView::read(source_, storage_));
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
            scratch_.push_back({hash_without_prefix(hashed), 0, binding == elf::SymbolBinding::weak});
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
            if (known == scratch_.end())
                scratch_.push_back({name, version.crc, false});
            else
                known->crc = version.crc;
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
    FileSource source_;
    elf::MetadataView::Storage storage_;
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
    std::vector<std::optional<std::jthread>> helpers;
    for (unsigned number = 1; number < options.threads; ++number) {
        StringArena& arena = arenas_.emplace_back();
        helpers.push_back(start_helper([&work, &arena] { work(arena, nullptr); }));
    }
    work(arenas_.emplace_back(), &progress);
}

}  // namespace tenon::tools
