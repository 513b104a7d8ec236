// Preloaded into a tool under test: what it asks of libc can be seen, delayed, refused, or be its last act.
//
//   WATCH_LOG=FILE         each call that takes a path, loads or removes a module, asks for the release or logs leaves a line here
//   WATCH_DELAY=MS         each openat() takes that much longer
//   WATCH_FAIL=CALL:N:ERR  the N-th call of openat (to create), write, close (of a file written to), renameat or finit_module fails with
//                          this errno
//   WATCH_KILL=N           the process dies of SIGKILL at its N-th call that changes a file; a write is done by half before
//
// It stands before fake_root.so, which gets the calls that are carried out.

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <dirent.h>
#include <fcntl.h>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <syslog.h>
#include <unistd.h>

#include "tests/tools/preload.h"

namespace {

long number_from(const char* variable)
{
    const char* value = std::getenv(variable);
    return value == nullptr ? 0 : std::atol(value);
}

void note(const std::string& line)
{
    const char* path = std::getenv("WATCH_LOG");
    if (path == nullptr)
        return;
    const int file = static_cast<int>(next<long(long, ...)>("syscall")(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0644));
    const std::string text = line + "\n";
    if (next<ssize_t(int, const void*, size_t)>("write")(file, text.data(), text.size()) < 0)
        std::abort();
    next<int(int)>("close")(file);
}

// A call below an open folder; the log tells a folder from the working directory.
void note_at(const char* call, int folder, const char* path)
{
    note(std::string(call) + (folder == AT_FDCWD ? " cwd " : " folder ") + path);
}

bool must_fail(const std::string& call)
{
    static std::atomic<long> count = 0;
    const char* wish = std::getenv("WATCH_FAIL");
    if (wish == nullptr || !std::string(wish).starts_with(call + ":"))
        return false;
    char* end = nullptr;
    const long place = std::strtol(wish + call.size() + 1, &end, 10);
    if (++count != place)
        return false;
    errno = std::atoi(end + 1);
    return true;
}

bool must_die()
{
    static std::atomic<long> count = 0;
    const long place = number_from("WATCH_KILL");
    return place != 0 && ++count == place;
}

void change()
{
    if (must_die())
        std::raise(SIGKILL);
}

std::string ident = "?";
int facility = LOG_USER;
int options = 0;

void note_syslog(int priority, const char* format, va_list arguments)
{
    char text[4096];
    std::vsnprintf(text, sizeof(text), format, arguments);
    note("syslog " + ident + " options " + std::to_string(options) + " facility " + std::to_string(facility >> 3) + " priority " +
         std::to_string(priority) + " " + text);
}

mode_t mode_of(int flags, va_list arguments)
{
    return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    note(std::string("open ") + path);
    return next<int(const char*, int, ...)>("open")(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    note_at((flags & O_CREAT) == 0 ? "openat" : (flags & O_EXCL) == 0 ? "openat(create)" : "openat(create, new)", folder, path);
    if (const long delay = number_from("WATCH_DELAY"))
        usleep(static_cast<useconds_t>(delay * 1000));
    if ((flags & O_CREAT) != 0) {
        change();
        if (must_fail("openat"))
            return -1;
    }
    return next<int(int, const char*, int, ...)>("openat")(folder, path, flags, mode);
}

std::FILE* fopen(const char* path, const char* mode)
{
    note(std::string("fopen ") + path);
    return next<std::FILE*(const char*, const char*)>("fopen")(path, mode);
}

int stat(const char* path, struct stat* status)
{
    note(std::string("stat ") + path);
    return next<int(const char*, struct stat*)>("stat")(path, status);
}

int fstatat(int folder, const char* path, struct stat* status, int flags)
{
    note_at("fstatat", folder, path);
    return next<int(int, const char*, struct stat*, int)>("fstatat")(folder, path, status, flags);
}

DIR* opendir(const char* path)
{
    note(std::string("opendir ") + path);
    return next<DIR*(const char*)>("opendir")(path);
}

int mkdir(const char* path, mode_t mode)
{
    note(std::string("mkdir ") + path);
    return next<int(const char*, mode_t)>("mkdir")(path, mode);
}

int remove(const char* path)
{
    note(std::string("remove ") + path);
    return next<int(const char*)>("remove")(path);
}

int renameat(int old_folder, const char* old_path, int new_folder, const char* new_path)
{
    note_at("renameat", old_folder, old_path);
    note_at("renameat", new_folder, new_path);
    change();
    if (must_fail("renameat"))
        return -1;
    return next<int(int, const char*, int, const char*)>("renameat")(old_folder, old_path, new_folder, new_path);
}

int unlinkat(int folder, const char* path, int flags)
{
    note_at("unlinkat", folder, path);
    change();
    return next<int(int, const char*, int)>("unlinkat")(folder, path, flags);
}

ssize_t write(int file, const void* data, size_t size)
{
    const auto really = next<ssize_t(int, const void*, size_t)>("write");
    if (must_die()) {
        (void)!really(file, data, size / 2);
        std::raise(SIGKILL);
    }
    if (must_fail("write"))
        return -1;
    return really(file, data, size);
}

int close(int file)
{
    const int flags = fcntl(file, F_GETFL);
    const bool failing = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && must_fail("close");
    const int error = errno;
    const int result = next<int(int)>("close")(file);
    if (!failing)
        return result;
    errno = error;
    return -1;
}

int uname(struct utsname* names)
{
    note("uname");
    return next<int(struct utsname*)>("uname")(names);
}

int init_module(void* image, unsigned long size, const char* parameters)
{
    const std::string_view bytes(static_cast<const char*>(image), size);
    note("init_module " + std::to_string(size) + " bytes, hash " + std::to_string(std::hash<std::string_view>()(bytes)));
    return next<int(void*, unsigned long, const char*)>("init_module")(image, size, parameters);
}

int delete_module(const char* name, unsigned flags)
{
    note(std::string("delete_module ") + name);
    return next<int(const char*, unsigned)>("delete_module")(name, flags);
}

long syscall(long number, ...)
{
    va_list arguments;
    va_start(arguments, number);
    const SystemCallWords words = take_words(arguments);
    va_end(arguments);
    if (number != SYS_futex)  // by which libstdc++ waits
        note(number == SYS_finit_module ? "syscall finit_module" : "syscall " + std::to_string(number));
    if (number == SYS_finit_module && must_fail("finit_module"))
        return -1;
    return next_syscall(number, words);
}

void openlog(const char* name, int option, int wanted_facility)
{
    ident = name;
    options = option;
    facility = wanted_facility;
}

void syslog(int priority, const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    note_syslog(priority, format, arguments);
    va_end(arguments);
}

// What syslog() is called in programs that were built with _FORTIFY_SOURCE.
void __syslog_chk(int priority, int, const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    note_syslog(priority, format, arguments);
    va_end(arguments);
}

}  // extern "C"
