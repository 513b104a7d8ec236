#pragma once

// The kernel's calls for modules, for the test programs that load and remove them by themselves. Each gives 0 or the errno.

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace modules {

inline int errno_of(long result)
{
    return result == 0 ? 0 : errno;
}

inline int load(const std::string& image, const char* parameters = "")
{
    return errno_of(syscall(SYS_init_module, image.data(), image.size(), parameters));
}

inline int load_file(const char* path, const char* parameters = "", int flags = 0)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno;
    const int error = errno_of(syscall(SYS_finit_module, file, parameters, flags));
    close(file);
    return error;
}

inline int remove(const char* name, unsigned flags = O_NONBLOCK)
{
    return errno_of(syscall(SYS_delete_module, name, flags));
}

// What can be read of a file; empty when nothing can.
inline std::string contents(const char* path)
{
    std::string text;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return text;
    char buffer[16384];
    for (ssize_t count = read(file, buffer, sizeof buffer); count > 0; count = read(file, buffer, sizeof buffer))
        text.append(buffer, static_cast<std::size_t>(count));
    close(file);
    return text;
}

}  // namespace modules
