#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>

#include "tools/depmod/depmod.h"
#include "tools/lib/file.h"
#include "tools/lib/messages.h"
#include "tools/lib/module_name.h"

namespace tenon::tools::depmod {

namespace {

struct CloseFolder {
    void operator()(DIR* folder) const { closedir(folder); }
};

bool is_newer(const struct stat& status, const struct stat& reference)
{
    const auto& a = status.st_mtim;
    const auto& b = reference.st_mtim;
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

// Takes `folder` over.
bool is_older_than(FileDescriptor folder, const struct stat& reference)
{
    const std::unique_ptr<DIR, CloseFolder> entries(fdopendir(folder.get()));
    if (!entries)
        return false;
    const int descriptor = folder.release();
    while (const dirent* entry = readdir(entries.get())) {
        const std::string name = entry->d_name;
        if (name.starts_with('.') || name == "build" || name == "source")
            continue;
        struct stat status {};
        if (fstatat(descriptor, name.c_str(), &status, 0) != 0)
            continue;
        if (S_ISDIR(status.st_mode)) {
            auto below = open_file_at(descriptor, name, O_RDONLY | O_DIRECTORY);
            if (is_newer(status, reference) || !below || !is_older_than(*std::move(below), reference))
                return false;
        } else if (S_ISREG(status.st_mode) && module_extension(name) && is_newer(status, reference)) {
            message(Severity::debug, "%s is newer than modules.dep", name.c_str());
            return false;
        }
    }
    return true;
}

}  // namespace

bool is_up_to_date(const std::string& directory)
{
    auto folder = open_file(directory, O_RDONLY | O_DIRECTORY);
    struct stat reference {};
    if (!folder || fstatat(folder->get(), "modules.dep", &reference, 0) != 0)
        return false;
    return is_older_than(*std::move(folder), reference);
}

}  // namespace tenon::tools::depmod
