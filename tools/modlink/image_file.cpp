#include "tools/modlink/image_file.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/lib/file.h"
#include "tools/lib/messages.h"

namespace tenon::tools {

namespace {

constexpr mode_t mode = 0666;  // as the user's umask leaves it

Result<> write_new(const std::string& path, int flags, std::string_view contents)
{
    FileDescriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, mode));
    if (!file)
        return last_error();
    TRY(write_all(file.get(), contents));
    return file.close();
}

}  // namespace

Result<> replace_file(const std::string& path, std::string_view contents)
{
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
        return write_new(path, 0, contents);
    const std::string temporary = print("%s.%i", path.c_str(), getpid());
    auto result = write_new(temporary, O_EXCL, contents);
    if (!result && result.error() == Errno::exist)
        return result;
    if (result && std::rename(temporary.c_str(), path.c_str()) != 0)
        result = last_error();
    if (!result)
        unlink(temporary.c_str());
    return result;
}

}  // namespace tenon::tools
