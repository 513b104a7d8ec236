#include "tools/lib/depmod/output_folder.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "tools/lib/file.h"
#include "tools/lib/messages.h"

namespace tenon::tools {

namespace {

// A file that disappears unless it is renamed.
class TemporaryFile {
public:
    TemporaryFile(int folder, const char* name) : folder_(folder), name_(name)
    {
        struct timeval now {};
        gettimeofday(&now, nullptr);
        temporary_ = print("%s.%i.%li.%li", name, getpid(), static_cast<long>(now.tv_usec), static_cast<long>(now.tv_sec));
    }
    ~TemporaryFile()
    {
        if (written_)
            unlinkat(folder_, temporary_.c_str(), 0);
    }
    TemporaryFile(TemporaryFile&& other) noexcept
        : folder_(other.folder_), name_(other.name_), temporary_(std::move(other.temporary_)),
          written_(std::exchange(other.written_, false))
    {
    }

    Result<> write(std::string_view contents)
    {
        constexpr mode_t mode = 0644;
        FileDescriptor file(
            openat(folder_, temporary_.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode));
        if (!file)
            return last_error();
        written_ = true;
        TRY(write_all(file.get(), contents));
        return file.close();
    }

    Result<> take_name()
    {
        if (renameat(folder_, temporary_.c_str(), folder_, name_) != 0)
            return last_error();
        written_ = false;
        return {};
    }

private:
    int folder_;
    const char* name_;
    std::string temporary_;
    bool written_ = false;
};

}  // namespace

Result<> write_files(int folder, const std::vector<OutputFile>& files)
{
    std::vector<TemporaryFile> written;
    written.reserve(files.size());
    for (const OutputFile& file : files) {
        const auto result = written.emplace_back(folder, file.name).write(file.contents);
        if (!result) {
            message(Severity::error, "Could not write index '%s': %s", file.name, error_text(result.error()));
            return result;
        }
    }
    for (std::size_t number = 0; number < files.size(); ++number) {
        const auto result = written[number].take_name();
        if (!result) {
            message(Severity::error, "Could not create index '%s': %s", files[number].name, error_text(result.error()));
            return result;
        }
    }
    return {};
}

Result<int> open_output_folder(const std::string& path)
{
    if (auto folder = open_file(path, O_RDONLY | O_DIRECTORY))
        return folder->release();
    constexpr mode_t mode = 0755;
    for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1))
        if (mkdir(path.substr(0, slash).c_str(), mode) != 0 && errno != EEXIST)
            return last_error();
    if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST)
        return last_error();
    auto folder = TRY(open_file(path, O_RDONLY | O_DIRECTORY));
    return folder.release();
}

}  // namespace tenon::tools
