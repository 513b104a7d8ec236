#include "tools/lib/syscalls.h"

#include <cstring>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tools/lib/file.h"

// Exported by libc without a header.
extern "C" int init_module(void* image, unsigned long size, const char* parameters);
extern "C" int delete_module(const char* name, unsigned flags);

namespace tenon::tools {

Result<> finit_module(int descriptor, const std::string& parameters, unsigned flags)
{
    if (syscall(SYS_finit_module, descriptor, parameters.c_str(), flags) != 0)
        return last_error();
    return {};
}

Result<> init_module(std::span<const std::byte> image, const std::string& parameters)
{
    if (::init_module(const_cast<std::byte*>(image.data()), image.size(), parameters.c_str()) != 0)
        return last_error();
    return {};
}

Result<> delete_module(const std::string& name, Force force)
{
    const int flags = O_NONBLOCK | (force == Force::yes ? O_TRUNC : 0);
    if (::delete_module(name.c_str(), static_cast<unsigned>(flags)) != 0)
        return last_error();
    return {};
}

std::string kernel_release()
{
    struct utsname names {};
    return uname(&names) == 0 ? names.release : "unknown";
}

std::string load_failure_reason()
{
    auto text = read_text_file("/proc/self/module_error");
    if (!text)
        return {};
    text->resize(std::strlen(text->c_str()));
    while (!text->empty() && text->back() == '\n')
        text->pop_back();
    return *text;
}

}  // namespace tenon::tools
