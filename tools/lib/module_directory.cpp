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
    const Slot& slot = slots_[static_cast<std::size_t>(which)];
    if (!slot.tried) {
        const auto opened = open_index(which);
        if (!opened && opened.error() == Errno::inval)
            message(Severity::error, "%s is no index of a version that is known", index_path(which).c_str());
    }
    return slot.reader ? &*slot.reader : nullptr;
}

Result<> ModuleDirectory::open_index(Index which) const
{
    const auto number = static_cast<std::size_t>(which);
    slots_[number].tried = true;
    const auto parent = folder();
    if (!parent)
        return fail(Errno::noent);
    auto reader = TRY(IndexReader::open_at(*parent, file_names[number]));
    slots_[number].reader.emplace(std::move(reader));
    return {};
}

std::string ModuleDirectory::index_path(Index which) const
{
    return path_ + "/" + file_names[static_cast<std::size_t>(which)];
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
