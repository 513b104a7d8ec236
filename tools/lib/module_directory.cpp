#include "tools/lib/module_directory.h"

#include <fcntl.h>

#include "tools/lib/messages.h"
#include "tools/lib/words.h"

namespace tenon::tools {

namespace {

constexpr std::array<const char*, static_cast<std::size_t>(Index::count)> file_names = {
    "modules.dep.bin", "modules.alias.bin", "modules.symbols.bin", "modules.builtin.bin", "modules.builtin.alias.bin",
};

}  // namespace

ModuleDirectory::ModuleDirectory(const std::string& root, const std::string& release)
    : path_(absolute_path(root) + "/lib/modules/" + release)
{
}

std::optional<int> ModuleDirectory::folder() const
{
    if (!tried_) {
        tried_ = true;
        if (auto opened = open_file(path_, O_RDONLY | O_DIRECTORY))
            folder_ = *std::move(opened);
    }
    return folder_ ? std::optional(folder_.get()) : std::nullopt;
}

const IndexReader* ModuleDirectory::index(Index which) const
{
    const auto number = static_cast<std::size_t>(which);
    Slot& slot = slots_[number];
    if (!slot.tried) {
        slot.tried = true;
        const auto parent = folder();
        if (!parent)
            return nullptr;
        auto reader = IndexReader::open_at(*parent, file_names[number]);
        if (reader)
            slot.reader.emplace(*std::move(reader));
        else if (reader.error() == Errno::inval)
            message(Severity::error, "%s/%s is no index of a version that is known", path_.c_str(), file_names[number]);
    }
    return slot.reader ? &*slot.reader : nullptr;
}

std::optional<ModuleDirectory::Dependencies> ModuleDirectory::dependencies(std::string_view name) const
{
    const IndexReader* reader = index(Index::dependencies);
    const auto found = reader != nullptr ? reader->find(name) : std::nullopt;
    if (!found)
        return std::nullopt;
    const auto absolute_path = [&](std::string_view path) {
        return path.starts_with('/') ? std::string(path) : path_ + "/" + std::string(path);
    };
    const auto colon = found->text.find(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    Dependencies result{absolute_path(found->text.substr(0, colon)), {}};
    const auto words = split(found->text.substr(colon + 1), " \t");
    for (auto word = words.rbegin(); word != words.rend(); ++word)
        result.needed.push_back(absolute_path(*word));
    return result;
}

bool ModuleDirectory::is_builtin(std::string_view name) const
{
    const IndexReader* reader = index(Index::builtin);
    return reader != nullptr && reader->find(name).has_value();
}

std::string ModuleDirectory::provider_of(const std::string& symbol) const
{
    const IndexReader* reader = index(Index::symbols);
    const auto found = reader != nullptr ? reader->find(std::string(symbol_prefix) + symbol) : std::nullopt;
    return found ? std::string(found->text) : std::string();
}

}  // namespace tenon::tools
