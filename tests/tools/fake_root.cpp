// Preloaded into a tool under test: absolute paths are taken below $FAKE_ROOT, the kernel's release is $FAKE_RELEASE, and the
// system calls of the module loader act on the files of the fake root alone. Each of them leaves a line in /calls of the fake root.
// Folders are read in the order of their names, whatever the file system's order is, and there is one processor, so that messages
// come in one order.
// With $FAKE_CUT=N files end behind their first N bytes when they are read in parts, as if they had become shorter meanwhile.
//
// A module that is loaded gets /sys/module/NAME/{initstate,refcnt,holders/}. $FAKE_FAILURES names calls that fail: "init:NAME:ERRNO" or
// "delete:NAME:ERRNO" or "system:ERRNO", separated by blanks; `x3` behind one lets only its first three calls fail. Without $FAKE_FINIT
// there is no finit_module, as in kernels before Linux 3.8.

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <map>
#include <sched.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <vector>

#include "tests/tools/preload.h"

namespace {

const char* variable(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

std::string translated(const char* path)
{
    const std::string_view root = variable("FAKE_ROOT");
    if (path[0] != '/' || std::string_view(path).starts_with(root) || std::string_view(path).starts_with("/dev/"))
        return path;
    return std::string(root) + path;
}

void note(const std::string& line)
{
    const int file = next<int(const char*, int, ...)>("open")(translated("/calls").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    const std::string text = line + "\n";
    if (write(file, text.data(), text.size()) < 0)
        std::abort();
    close(file);
}

// The errno that the call must fail with; 0 when it succeeds.
int wanted_failure(const std::string& call)
{
    static std::map<std::string, int> calls;
    const std::string all = std::string(" ") + variable("FAKE_FAILURES") + " ";
    const auto at = all.find(" " + call + ":");
    if (at == std::string::npos)
        return 0;
    char* end = nullptr;
    const auto error = static_cast<int>(std::strtol(all.c_str() + at + call.size() + 2, &end, 10));
    return *end == 'x' && ++calls[call] > std::atoi(end + 1) ? 0 : error;
}

std::string module_folder(const std::string& name)
{
    return translated("/sys/module/") + name;
}

void write_file(const std::string& path, const char* text)
{
    std::FILE* file = next<std::FILE*(const char*, const char*)>("fopen")(path.c_str(), "w");
    std::fputs(text, file);
    std::fclose(file);
}

int fail_with(int error)
{
    errno = error;
    return -1;
}

struct Listing {
    std::vector<dirent> entries;
    std::size_t next = 0;
};

// Of the folders that are being read. A tool reads them in one thread.
std::map<DIR*, Listing>& listings()
{
    static std::map<DIR*, Listing> all;
    return all;
}

Listing sorted_listing(DIR* folder)
{
    Listing listing;
    while (const dirent* entry = next<dirent*(DIR*)>("readdir")(folder))
        listing.entries.push_back(*entry);
    std::sort(listing.entries.begin(), listing.entries.end(),
              [](const dirent& a, const dirent& b) { return std::strcmp(a.d_name, b.d_name) < 0; });
    return listing;
}

// The name is the one in .modinfo; test modules carry it.
std::string module_name(std::string_view image)
{
    const auto at = image.find(std::string_view("\0name=", 6));
    return at == std::string_view::npos ? "?" : std::string(image.data() + at + 6);
}

// Whether the kernel would look at the module's symbol versions: section __versions is there and marked as allocated.
bool has_versions(std::string_view image)
{
    Elf64_Ehdr header{};
    std::memcpy(&header, image.data(), std::min(image.size(), sizeof(header)));
    const auto section = [&](std::size_t number) {
        Elf64_Shdr entry{};
        const std::size_t at = header.e_shoff + number * sizeof(entry);
        if (at < image.size())
            std::memcpy(&entry, image.data() + at, std::min(image.size() - at, sizeof(entry)));
        return entry;
    };
    const std::size_t names = section(header.e_shstrndx).sh_offset;
    for (std::size_t number = 0; number < header.e_shnum; ++number) {
        const Elf64_Shdr entry = section(number);
        if ((entry.sh_flags & SHF_ALLOC) != 0 && std::strcmp(image.data() + names + entry.sh_name, "__versions") == 0)
            return true;
    }
    return false;
}

// What of the image a kernel would compare with itself.
std::string checks_of(std::string_view image)
{
    const bool magic = image.find(std::string_view("\0vermagic=", 10)) != std::string_view::npos;
    return std::string(magic ? " (vermagic)" : "") + (has_versions(image) ? " (versions)" : "");
}

int load(const std::string& name)
{
    if (const int error = wanted_failure("init:" + name))
        return fail_with(error);
    const std::string folder = module_folder(name);
    const auto real_mkdir = next<int(const char*, mode_t)>("mkdir");
    if (real_mkdir(folder.c_str(), 0755) != 0)
        return -1;
    real_mkdir((folder + "/holders").c_str(), 0755);
    write_file(folder + "/initstate", "live\n");
    write_file(folder + "/refcnt", "0\n");
    return 0;
}

int finit_module(int file, const char* parameters, int flags)
{
    char path[4096] = {};
    if (*variable("FAKE_FINIT") == '\0' || readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), path, sizeof(path) - 1) < 0)
        return fail_with(ENOSYS);
    std::string name = path;
    name.erase(0, name.rfind('/') + 1);
    name.resize(std::min(name.size(), name.find('.')));
    std::replace(name.begin(), name.end(), '-', '_');
    note("finit_module " + name + " flags " + std::to_string(flags) + (*parameters != '\0' ? " " : "") + parameters);
    return load(name);
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return next<int(const char*, int, ...)>("open")(translated(path).c_str(), flags, mode);
}

int open64(const char* path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return open(path, flags, mode);
}

// What a hardened program calls where flags are no constant and no mode is given.
int __open_2(const char* path, int flags)
{
    return open(path, flags);
}

std::FILE* fopen(const char* path, const char* mode)
{
    return next<std::FILE*(const char*, const char*)>("fopen")(translated(path).c_str(), mode);
}

int stat(const char* path, struct stat* status)
{
    return next<int(const char*, struct stat*)>("stat")(translated(path).c_str(), status);
}

DIR* opendir(const char* path)
{
    return next<DIR*(const char*)>("opendir")(translated(path).c_str());
}

dirent* readdir(DIR* folder)
{
    auto found = listings().find(folder);
    if (found == listings().end())
        found = listings().emplace(folder, sorted_listing(folder)).first;
    Listing& listing = found->second;
    return listing.next < listing.entries.size() ? &listing.entries[listing.next++] : nullptr;
}

int closedir(DIR* folder)
{
    listings().erase(folder);
    return next<int(DIR*)>("closedir")(folder);
}

ssize_t pread(int file, void* into, std::size_t size, off_t offset)
{
    if (*variable("FAKE_CUT") != '\0') {
        const off_t end = std::atol(variable("FAKE_CUT"));
        size = offset >= end ? 0 : std::min(size, static_cast<std::size_t>(end - offset));
    }
    return next<ssize_t(int, void*, std::size_t, off_t)>("pread")(file, into, size, offset);
}

int mkdir(const char* path, mode_t mode)
{
    return next<int(const char*, mode_t)>("mkdir")(translated(path).c_str(), mode);
}

int remove(const char* path)
{
    return next<int(const char*)>("remove")(translated(path).c_str());
}

int uname(struct utsname* names)
{
    const int result = next<int(struct utsname*)>("uname")(names);
    std::snprintf(names->release, sizeof(names->release), "%s", variable("FAKE_RELEASE"));
    return result;
}

int init_module(void* image, unsigned long size, const char* parameters)
{
    const std::string_view bytes(static_cast<const char*>(image), size);
    const std::string name = module_name(bytes);
    note("init_module " + name + checks_of(bytes) + (*parameters != '\0' ? " " : "") + parameters);
    return load(name);
}

int delete_module(const char* name, unsigned flags)
{
    note(std::string("delete_module ") + name + ((flags & O_TRUNC) != 0 ? " force" : ""));
    if (const int error = wanted_failure(std::string("delete:") + name))
        return fail_with(error);
    const std::string folder = module_folder(name);
    for (const char* file : {"/initstate", "/refcnt", "/coresize"})
        unlink((folder + file).c_str());
    rmdir((folder + "/holders").c_str());
    return rmdir(folder.c_str()) == 0 ? 0 : fail_with(ENOENT);
}

int sched_getaffinity(pid_t, std::size_t size, cpu_set_t* set)
{
    CPU_ZERO_S(size, set);
    CPU_SET_S(0, size, set);
    return 0;
}

int system(const char* command)
{
    if (const int error = wanted_failure("system"))
        return fail_with(error);
    return next<int(const char*)>("system")(command);
}

long syscall(long number, ...)
{
    va_list arguments;
    va_start(arguments, number);
    const SystemCallWords words = take_words(arguments);
    va_end(arguments);
    if (number == SYS_finit_module)
        return finit_module(static_cast<int>(words[0]), reinterpret_cast<const char*>(words[1]), static_cast<int>(words[2]));
    return next_syscall(number, words);
}

}  // extern "C"
