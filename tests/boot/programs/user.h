#pragma once

// Doing things as somebody else than root, in a child.

#include "tests/boot/programs/deeds.h"

#include <string>
#include <string_view>

#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>

namespace deeds {

constexpr uid_t ordinary_user = 1000;
constexpr gid_t ordinary_group = 1000;

inline void become(uid_t user, gid_t group)
{
    check(setgroups(0, nullptr) == 0 && setresgid(group, group, group) == 0 && setresuid(user, user, user) == 0, "become a user");
}

// What `body` checks must hold for the user, too.
inline void as_user(const std::function<void()>& body, uid_t user = ordinary_user, gid_t group = ordinary_group)
{
    const int status = status_of_child([&] {
        become(user, group);
        body();
    });
    if (status != 0)
        ++failures;
}

inline void refused(long result, int error, const char* what)
{
    const bool holds = result == -1 && errno == error;
    if (!holds)
        std::printf("wanted errno %d: ", error);
    check(holds, what);
}

inline void write_text(const char* name, std::string_view text, mode_t permissions)
{
    unlink(name);
    const int file = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    check(file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()), name);
    fchmod(file, permissions);
    close(file);
}

inline int open_and_close(const char* name, int flags)
{
    const int file = open(name, flags);
    if (file >= 0)
        close(file);
    return file < 0 ? -1 : 0;
}

inline mode_t mode_of(const char* name)
{
    struct stat status {};
    return lstat(name, &status) == 0 ? status.st_mode & 07777 : ~mode_t{0};
}

// A program that everybody may run, made of this one.
inline void copy_self(const char* name, mode_t permissions)
{
    unlink(name);
    const int from = open("/proc/self/exe", O_RDONLY);
    const int to = open(name, O_WRONLY | O_CREAT | O_EXCL, 0700);
    static char buffer[65536];
    for (ssize_t count; (count = read(from, buffer, sizeof buffer)) > 0;)
        check(write(to, buffer, static_cast<std::size_t>(count)) == count, "copy");
    close(from);
    fchmod(to, permissions);
    close(to);
}

// The exit status of a program that is given one word; 127 when it cannot be run.
inline int run_program(const char* name, const char* word)
{
    const int status = status_of_child([&] {
        execl(name, name, word, nullptr);
        _exit(127);
    });
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace deeds
