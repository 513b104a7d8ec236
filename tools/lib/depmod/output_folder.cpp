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
        if (fdatasync(file.get()) != 0 && errno != EINVAL)  // there are file systems without it
            return last_error();
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

namespace {

Result<> remove_if_there(int folder, const char* name)
{
    if (unlinkat(folder, name, 0) != 0 && errno != ENOENT)
        return last_error();
    return {};
}

}  // namespace

Result<> write_files(int folder, const std::vector<OutputFile>& files)
{
    const auto told = [](const Result<>& result, const char* what, const OutputFile& file) {
        if (!result)
            message(Severity::error, "Could not %s index '%s': %s", what, file.name, error_text(result.error()));
        return result;
    };
    std::vector<TemporaryFile> written;
    written.reserve(files.size());
    for (const OutputFile& file : files) {
        TemporaryFile& temporary = written.emplace_back(folder, file.name);
        if (!file.is_unwanted())
            TRY(told(temporary.write(file.contents), "write", file));
    }
    for (std::size_t number = 0; number < files.size(); ++number) {
        const OutputFile& file = files[number];
        if (file.is_unwanted())
            TRY(told(remove_if_there(folder, file.name), "remove", file));
        else
            TRY(told(written[number].take_name(), "create", file));
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
