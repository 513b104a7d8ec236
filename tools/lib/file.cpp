#include "tools/lib/file.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tenon::tools {

std::unexpected<Errno> last_error()
{
    return fail(static_cast<Errno>(errno));
}

const char* error_text(Errno error)
{
    return std::strerror(static_cast<int>(error));
}

FileDescriptor::~FileDescriptor()
{
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

Result<> FileDescriptor::close()
{
    if (::close(release()) != 0)
        return last_error();
    return {};
}

std::string absolute_path(const std::string& path)
{
    if (path.empty() || path.starts_with('/'))
        return path;
    char* current = getcwd(nullptr, 0);
    const std::string result = current == nullptr ? path : std::string(current) + "/" + path;
    std::free(current);
    return result;
}

Result<FileDescriptor> open_file(const std::string& path, int flags)
{
    const int descriptor = open(path.c_str(), flags | O_CLOEXEC);
    if (descriptor < 0)
        return last_error();
    return FileDescriptor(descriptor);
}

Result<FileDescriptor> open_file_at(int folder, const std::string& name, int flags)
{
    const int descriptor = openat(folder, name.c_str(), flags | O_CLOEXEC);
    if (descriptor < 0)
        return last_error();
    return FileDescriptor(descriptor);
}

Result<std::string> read_text(int descriptor)
{
    struct stat status {};
    std::size_t room = 4096;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0)
        room = static_cast<std::size_t>(status.st_size) + 1;
    std::string text;
    std::size_t size = 0;
    for (;;) {
        if (text.size() < size + room)
            text.resize(size + room);
        const ssize_t count = read(descriptor, text.data() + size, text.size() - size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return last_error();
        if (count == 0)
            break;
        size += static_cast<std::size_t>(count);
        room = 4096;
    }
    text.resize(size);
    return text;
}

Result<std::string> read_text_file(const std::string& path)
{
    const auto file = TRY(open_file(path, O_RDONLY));
    return read_text(file.get());
}

Result<std::string> read_text_file_at(int folder, const std::string& name)
{
    const auto file = TRY(open_file_at(folder, name, O_RDONLY));
    return read_text(file.get());
}

Result<> write_all(int descriptor, std::string_view contents)
{
    while (!contents.empty()) {
        const ssize_t count = write(descriptor, contents.data(), contents.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return last_error();
        contents.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

Result<> read_at(int descriptor, u64 offset, std::span<std::byte> into)
{
    while (!into.empty()) {
        const ssize_t count = pread(descriptor, into.data(), into.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return last_error();
        if (count == 0)
            return fail(Errno::io);
        offset += static_cast<u64>(count);
        into = into.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

Result<u64> regular_file_size(int descriptor)
{
    struct stat status {};
    if (fstat(descriptor, &status) != 0)
        return last_error();
    if (!S_ISREG(status.st_mode))
        return fail(S_ISDIR(status.st_mode) ? Errno::isdir : Errno::inval);
    return static_cast<u64>(status.st_size);
}

}  // namespace tenon::tools
