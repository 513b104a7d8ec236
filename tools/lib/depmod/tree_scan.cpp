#include "tools/lib/depmod/tree_scan.h"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>

#include "tools/lib/depmod/symbol_hash.h"
#include "tools/lib/module_name.h"
#include "tools/lib/words.h"

namespace tenon::tools {

namespace {

struct CloseFolder {
    void operator()(DIR* folder) const { closedir(folder); }
};

using Entries = std::unique_ptr<DIR, CloseFolder>;

Result<Entries> entries_of(Result<FileDescriptor> opened)
{
    FileDescriptor folder = TRY(std::move(opened));
    Entries entries(fdopendir(folder.get()));
    if (!entries)
        return last_error();
    folder.release();
    return entries;
}

enum class Kind { file, folder, other };

// Symbolic links count as what they lead to.
Kind kind_of(int folder, const dirent& entry, const std::string& path)
{
    if (entry.d_type == DT_REG)
        return Kind::file;
    if (entry.d_type == DT_DIR)
        return Kind::folder;
    struct stat status {};
    if (fstatat(folder, entry.d_name, &status, 0) != 0) {
        message(Severity::error, "could not stat '%s': %m", path.c_str());
        return Kind::other;
    }
    if (S_ISREG(status.st_mode))
        return Kind::file;
    if (S_ISDIR(status.st_mode))
        return Kind::folder;
    message(Severity::error, "unsupported file type %s: %o", path.c_str(), status.st_mode & S_IFMT);
    return Kind::other;
}

std::string_view without_compression(std::string_view path)
{
    const auto extension = module_extension(path);
    return extension ? path.substr(0, *extension + std::string_view(".ko").size()) : path;
}

// A blank or a line's end would make another line of modules.dep of it, a colon ends the module's own path there.
bool can_stand_in_modules_dep(std::string_view path)
{
    return std::all_of(path.begin(), path.end(), [](char character) {
        const auto code = static_cast<unsigned char>(character);
        return code > ' ' && code != 0x7f && character != ':';
    });
}

constexpr u32 name_buckets = 512;     // of kmod's table of modules by name
constexpr unsigned depth_limit = 64;  // each level keeps a descriptor open

}  // namespace

// The folders on the way down to the one that is being searched: a link to one of them would lead in a circle.
class TreeScan::Step {
public:
    Step(int folder, const Step* parent) : parent_(parent) { known_ = fstat(folder, &status_) == 0; }

    bool leads_back() const
    {
        for (const Step* step = parent_; step != nullptr; step = step->parent_)
            if (known_ && step->known_ && step->status_.st_dev == status_.st_dev && step->status_.st_ino == status_.st_ino)
                return true;
        return false;
    }

private:
    const Step* parent_;
    struct stat status_ {};
    bool known_;
};

Result<> TreeScan::scan()
{
    TRY(scan_folder(open_file(directory_, O_RDONLY | O_DIRECTORY), directory_, nullptr));
    for (const std::string& external : config_.externals)
        (void)scan_folder(open_file(external, O_RDONLY | O_DIRECTORY), external, nullptr, Severity::debug);
    return {};
}

bool TreeScan::excluded(std::string_view name) const
{
    return name == "." || name == ".." || name == "build" || name == "source" ||
           std::find(config_.excludes.begin(), config_.excludes.end(), name) != config_.excludes.end();
}

Result<> TreeScan::scan_folder(Result<FileDescriptor> opened, const std::string& path, const Step* parent, Severity severity)
{
    const auto entries = entries_of(std::move(opened));
    if (!entries) {
        message(severity, "could not open directory %s: %s", path.c_str(), error_text(entries.error()));
        return fail(entries.error());
    }
    const int folder = dirfd(entries->get());
    const Step step(folder, parent);
    if (step.leads_back()) {
        message(Severity::error, "%s leads in a circle", path.c_str());
        return {};
    }
    if (static_cast<unsigned>(std::count(path.begin(), path.end(), '/')) > depth_limit) {
        message(Severity::error, "directory path is too long %s", path.c_str());
        return {};
    }
    while (const dirent* entry = readdir(entries->get())) {
        const std::string name = entry->d_name;
        if (excluded(name))
            continue;
        const bool module = module_extension(name).has_value();
        if (entry->d_type == DT_REG && !module)
            continue;
        const std::string full_path = path + "/" + name;
        switch (kind_of(folder, *entry, full_path)) {
        case Kind::file:
            if (module)
                add(full_path);
            break;
        case Kind::folder:
            (void)scan_folder(open_file_at(folder, name, O_RDONLY | O_DIRECTORY), full_path, &step);
            break;
        case Kind::other: break;
        }
    }
    return {};
}

void TreeScan::add_file(const std::string& path)
{
    add(path);
}

void TreeScan::add(const std::string& full_path)
{
    ModuleRecord record;
    record.full_path = full_path;
    const bool inside = full_path.starts_with(directory_) && full_path.size() > directory_.size() &&
                        full_path[directory_.size()] == '/';
    record.path = inside ? full_path.substr(directory_.size() + 1) : full_path;
    record.name = module_name_from_path(full_path);
    if (!can_stand_in_modules_dep(record.path)) {
        message(Severity::error, "left out %s: its name holds a blank or a colon", full_path.c_str());
        return;
    }
    const auto [known, fresh] = by_name_.emplace(record.name, records_.size());
    if (fresh) {
        records_.push_back(std::move(record));
        return;
    }
    ModuleRecord& old = records_[known->second];
    if (!replaces(full_path, old.full_path, record.name)) {
        message(Severity::debug, "Ignored lower priority: %s, higher: %s", full_path.c_str(), old.full_path.c_str());
        return;
    }
    message(Severity::debug, "Replace lower priority %s with new module %s", old.full_path.c_str(), full_path.c_str());
    // The new file counts as found now.
    old.name.clear();
    known->second = records_.size();
    records_.push_back(std::move(record));
}

bool TreeScan::replaces(const std::string& newer, const std::string& older, const std::string& name) const
{
    // A dash of the file's name may be an underscore in the configuration, and the other way round.
    const auto is = [&](std::string_view path, std::string_view override_path) {
        const auto name_at = path.rfind('/') + 1;
        return override_path.starts_with(path.substr(0, name_at)) && normalised_name(override_path.substr(name_at)) == name;
    };
    for (const std::string& override_path : config_.overrides) {
        if (is(newer, override_path))
            return true;
        if (is(older, override_path))
            return false;
    }
    return config_.prefers(newer, older);
}

std::vector<ModuleRecord> TreeScan::take(std::string_view order_text)
{
    std::erase_if(records_, [](const ModuleRecord& record) { return record.name.empty(); });
    std::unordered_map<std::string_view, i64, KeyedHash> places;
    const auto lines = split(order_text, "\n");
    places.reserve(lines.size());
    const auto count = static_cast<i64>(lines.size());
    for (i64 number = 0; number < count; ++number)
        places[lines[static_cast<std::size_t>(number)]] = number - count;
    for (ModuleRecord& record : records_) {
        const auto place = places.find(without_compression(record.path));
        record.sort_key = place == places.end() ? kmod_symbol_hash(record.name) % name_buckets : place->second;
    }
    std::sort(records_.begin(), records_.end(), [](const ModuleRecord& a, const ModuleRecord& b) {
        return a.sort_key != b.sort_key ? a.sort_key < b.sort_key : a.name < b.name;
    });
    return std::move(records_);
}

}  // namespace tenon::tools
