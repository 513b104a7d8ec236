// Strings that a program hands to the kernel: while another process changes them, and at the ends of what is allowed.

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "tests/boot/programs/deeds.h"
#include "tests/boot/programs/module_calls.h"

namespace {

using deeds::check;

// A string that another process makes shorter and whole again for ever: "abc\0def" and "abcxdef".
class ChangingString {
public:
    explicit ChangingString(std::string_view whole = "abcxdef", std::size_t cut = 3) : text_(deeds::map_memory(deeds::page, MAP_SHARED))
    {
        whole.copy(text_, whole.size());
        writer_ = deeds::start_child([this, cut] {
            for (volatile char* const middle = text_ + cut;;) {
                const char there = *middle;
                *middle = '\0';
                *middle = there;
            }
        });
    }
    ~ChangingString()
    {
        kill(writer_, SIGKILL);
        deeds::status_of(writer_);
    }
    char* text() const { return text_; }

    static bool is_one(std::string_view text) { return text == "abc" || text == "abcxdef"; }

private:
    char* text_;
    pid_t writer_;
};

constexpr int race_rounds = 400;
constexpr const char* race_folder = "/tmp/race";

// The names in the folder, as long as the kernel says they are.
std::vector<std::string> names_with_length(int folder)
{
    std::vector<std::string> names;
    alignas(8) char buffer[4096];
    lseek(folder, 0, SEEK_SET);
    for (;;) {
        const long size = syscall(SYS_getdents64, folder, buffer, sizeof buffer);
        if (size <= 0)
            return names;
        for (long at = 0; at < size;) {
            std::uint16_t length = 0;
            std::memcpy(&length, buffer + at + 16, sizeof length);
            std::string name(buffer + at + 19, length - 19u);
            name.erase(name.find_last_not_of('\0') + 1);  // what pads the record
            if (name != "." && name != "..")
                names.push_back(name);
            at += length;
        }
    }
}

void race_names(const char* what, const std::function<long(int folder, const char* changing)>& make)
{
    mkdir(race_folder, 0700);
    const int folder = open(race_folder, O_RDONLY | O_DIRECTORY);
    const ChangingString changing;
    bool all_well = true;
    for (int round = 0; round < race_rounds && all_well; ++round) {
        make(folder, changing.text());
        for (const std::string& name : names_with_length(folder)) {
            all_well = all_well && (name == "source" || ChangingString::is_one(name));
            unlinkat(folder, name.c_str(), 0);
            unlinkat(folder, name.c_str(), AT_REMOVEDIR);
        }
    }
    check(all_well, what);
    close(folder);
    rmdir(race_folder);
}

void changing_names()
{
    const auto source = [](int folder) { close(openat(folder, "source", O_CREAT | O_WRONLY, 0600)); };
    race_names("mkdirat", [](int folder, const char* name) { return syscall(SYS_mkdirat, folder, name, 0700); });
    race_names("mknodat", [](int folder, const char* name) { return syscall(SYS_mknodat, folder, name, S_IFREG | 0600, 0); });
    race_names("symlinkat", [](int folder, const char* name) { return syscall(SYS_symlinkat, "target", folder, name); });
    race_names("openat", [](int folder, const char* name) {
        const long file = syscall(SYS_openat, folder, name, O_CREAT | O_WRONLY, 0600);
        return file < 0 ? file : close(static_cast<int>(file));
    });
    race_names("linkat", [&](int folder, const char* name) {
        source(folder);
        return syscall(SYS_linkat, folder, "source", folder, name, 0);
    });
    race_names("renameat2", [&](int folder, const char* name) {
        source(folder);
        return syscall(SYS_renameat2, folder, "source", folder, name, 0);
    });
}

void changing_texts()
{
    const ChangingString changing;
    bool links_well = true;
    bool names_well = true;
    for (int round = 0; round < race_rounds; ++round) {
        char target[64];
        unlink("/tmp/race_link");
        check(syscall(SYS_symlinkat, changing.text(), AT_FDCWD, "/tmp/race_link") == 0, "make a link");
        const long size = readlink("/tmp/race_link", target, sizeof target);
        links_well = links_well && size > 0 && ChangingString::is_one({target, static_cast<std::size_t>(size)});
        char name[16];
        std::memset(name, '#', sizeof name);
        syscall(SYS_prctl, 15, changing.text());
        syscall(SYS_prctl, 16, name);
        names_well = names_well && ChangingString::is_one(name) && name[15] == '\0';
    }
    unlink("/tmp/race_link");
    check(links_well, "symlinkat's target");
    check(names_well, "prctl(PR_SET_NAME)");
}

// Both names are there, so a call with a name that is one of them succeeds.
void expect_always(const char* what, const std::function<long(const char* changing)>& call, const std::function<void(const char* name)>& make)
{
    const ChangingString changing;
    for (int round = 0; round < race_rounds / 4; ++round) {
        for (const char* const name : {"abc", "abcxdef"})
            make(name);
        if (call(changing.text()) != 0) {
            check(false, what);
            return;
        }
    }
}

void make_file(const char* name)
{
    close(open(name, O_CREAT | O_WRONLY, 0600));
}

void make_folder(const char* name)
{
    mkdir(name, 0700);
}

// Starts in a folder of its own, which it leaves empty.
void in_folder(const std::function<void()>& body)
{
    mkdir(race_folder, 0700);
    check(chdir(race_folder) == 0, "a folder of its own");
    body();
    for (const char* const name : {"abc", "abcxdef"})
        if (unlink(name) != 0)
            rmdir(name);
    unlink("other");
    check(chdir("/") == 0 && rmdir(race_folder) == 0, "nothing else was made");
}

// The new program sees whole strings: "again" is this program's own check of what it got.
void changing_arguments()
{
    const ChangingString changing;
    for (int round = 0; round < 60; ++round) {
        const bool well = deeds::status_of_child([&] {
            char first[] = "/tests/user_strings", again[] = "again", last[] = "last";
            char* const words[] = {first, again, changing.text(), last, nullptr};
            char* const environment[] = {changing.text(), last, nullptr};
            syscall(SYS_execve, first, words, environment);
            _exit(1);
        }) == 0;
        check(well, "arguments and environment of execve");
        if (!well)
            return;
    }
    in_folder([] {
        const auto start = [](const char* name) {
            return deeds::status_of_child([&] {
                execl(name, "user_strings", "nothing", "more", nullptr);
                _exit(1);
            });
        };
        const auto start_at = [](const char* name) {
            return deeds::status_of_child([&] {
                char first[] = "user_strings", deed[] = "nothing", more[] = "more";
                char* const words[] = {first, deed, more, nullptr};
                syscall(SYS_execveat, AT_FDCWD, name, words, environ, 0);
                _exit(1);
            });
        };
        const auto make_link = [](const char* name) { static_cast<void>(symlink("/tests/user_strings", name)); };
        expect_always("execve", start, make_link);
        expect_always("execveat", start_at, make_link);
    });
}

int check_arguments(int count, char** words, char** environment)
{
    check(count == 4 && ChangingString::is_one(words[2]) && std::string_view(words[3]) == "last", "arguments");
    check(ChangingString::is_one(environment[0]) && std::string_view(environment[1]) == "last" && environment[2] == nullptr, "environment");
    char line[256];
    const int file = open("/proc/self/cmdline", O_RDONLY);
    const long size = read(file, line, sizeof line);
    check(size > 0 && std::count(line, line + size, '\0') == 4, "strings of /proc/self/cmdline");
    return deeds::failures == 0 ? 0 : 1;
}

// Long and longest strings, at and over the ends of pages and of user space.
void string_limits()
{
    char* const pages = deeds::map_memory(2 * deeds::page, MAP_PRIVATE);
    munmap(pages + deeds::page, deeds::page);
    for (std::size_t length = 0; length < 40; ++length) {
        char* const name = pages + deeds::page - length - 1;
        std::memset(name, 'n', length);
        name[length] = '\0';
        check(access(name, F_OK) == -1 && errno == ENOENT, "a name that ends with its page");
        name[length] = 'n';
        check(access(name, F_OK) == -1 && errno == EFAULT, "a name that goes on where nothing is");
    }
    std::string longest(4095, '/');
    check(access(longest.c_str(), F_OK) == 0, "4,095 bytes");
    longest += '/';
    check(access(longest.c_str(), F_OK) == -1 && errno == ENAMETOOLONG, "4,096 bytes");
    std::string argument(131071, 'a');
    char first[] = "/tests/user_strings", deed[] = "nothing";
    const auto start = [&](char* more) {
        return deeds::status_of_child([&] {
            char* const words[] = {first, deed, more, nullptr};
            execv(first, words);
            _exit(errno);
        });
    };
    check(WEXITSTATUS(start(argument.data())) == 0, "an argument of 131,071 bytes");
    argument += 'a';
    check(WEXITSTATUS(start(argument.data())) == E2BIG, "an argument of 131,072 bytes");
}

void changing_names_of_files()
{
    in_folder([] {
        struct stat status;
        struct statfs space;
        struct statx extended;
        char target[64];
        expect_always("newfstatat", [&](const char* name) { return syscall(SYS_newfstatat, AT_FDCWD, name, &status, 0); }, make_file);
        expect_always("statx", [&](const char* name) { return statx(AT_FDCWD, name, 0, 0, &extended); }, make_file);
        expect_always("statfs", [&](const char* name) { return statfs(name, &space); }, make_file);
        expect_always("faccessat", [](const char* name) { return syscall(SYS_faccessat, AT_FDCWD, name, R_OK); }, make_file);
        expect_always("faccessat2", [](const char* name) { return syscall(SYS_faccessat2, AT_FDCWD, name, R_OK, 0); }, make_file);
        expect_always("openat2",
                      [](const char* name) {
                          const open_how how{.flags = O_RDONLY, .mode = 0, .resolve = 0};
                          return close(static_cast<int>(syscall(SYS_openat2, AT_FDCWD, name, &how, sizeof how)));
                      },
                      make_file);
        expect_always("fchmodat", [](const char* name) { return chmod(name, 0640); }, make_file);
        expect_always("fchownat", [](const char* name) { return chown(name, 0, 0); }, make_file);
        expect_always("utimensat", [](const char* name) { return syscall(SYS_utimensat, AT_FDCWD, name, nullptr, 0); }, make_file);
        expect_always("truncate", [](const char* name) { return truncate(name, 0); }, make_file);
        expect_always("renameat", [](const char* name) { return syscall(SYS_renameat, AT_FDCWD, name, AT_FDCWD, "other"); }, make_file);
        expect_always("linkat", [](const char* name) { return unlink("other") + link(name, "other"); }, make_file);
        expect_always("unlinkat", [](const char* name) { return unlink(name); }, make_file);
        unlink("abc");
        unlink("abcxdef");
        const auto make_link = [](const char* name) { static_cast<void>(symlink("target", name)); };
        expect_always("readlinkat", [&](const char* name) { return readlink(name, target, sizeof target) == 6 ? 0 : -1; }, make_link);
    });
    in_folder([] {
        expect_always("chdir", [](const char* name) { return chdir(name) + chdir(".."); }, make_folder);
        expect_always("chroot", [](const char* name) { return deeds::status_of_child([&] { check(chroot(name) == 0, "chroot"); }); },
                      make_folder);
        expect_always("unlinkat of a folder", [](const char* name) { return rmdir(name); }, make_folder);
    });
}

// The line of /proc/mounts about the newest mount.
std::string newest_mount()
{
    std::array<char, 4096> text;
    const int file = open("/proc/mounts", O_RDONLY);
    std::string all;
    for (ssize_t size = 0; (size = read(file, text.data(), text.size())) > 0;)
        all.append(text.data(), static_cast<std::size_t>(size));
    close(file);
    all.pop_back();
    return all.substr(all.rfind('\n') + 1);
}

void changing_mounts()
{
    in_folder([] {
        expect_always("umount2 and mount's target",
                      [](const char* name) {
                          const long made = mount("none", name, "tmpfs", 0, nullptr);
                          const std::string line = newest_mount();
                          const bool known = line.starts_with("none /tmp/race/abc tmpfs") || line.starts_with("none /tmp/race/abcxdef tmpfs");
                          check(known, line.c_str());
                          const std::string place = line.substr(5, line.find(' ', 5) - 5);
                          return made + umount(place.c_str());
                      },
                      make_folder);
        const ChangingString changing, type("tmpfs", 3), mode("mode=700", 6);
        bool well = true;
        for (int round = 0; round < race_rounds / 4 && well; ++round) {
            well = mount(changing.text(), "abc", "tmpfs", 0, nullptr) == 0;
            const std::string line = newest_mount();
            well = well && ChangingString::is_one(line.substr(0, line.find(' '))) && umount("abc") == 0;
            check(well, "mount's source");
            const bool mounted = mount("none", "abc", type.text(), 0, nullptr) == 0;
            well = well && (mounted ? umount("abc") == 0 : errno == ENODEV);
            check(well, "mount's type");
            struct stat status {};
            well = well && mount("none", "abc", "tmpfs", 0, mode.text()) == 0 && stat("abc", &status) == 0 && umount("abc") == 0 &&
                   ((status.st_mode & 07777) == 0700 || (status.st_mode & 07777) == 07);
            check(well, "mount's data");
        }
    });
}

void changing_modules()
{
    constexpr const char* module = "/tests/modules/hello.ko";
    const ChangingString parameters("who=abcxdef", 7), name("hellox", 5);
    const std::string image = modules::contents(module);
    bool well = true;
    for (int round = 0; round < race_rounds / 8 && well; ++round) {
        well = (round % 2 == 0 ? modules::load_file(module, parameters.text()) : modules::load(image, parameters.text())) == 0;
        std::string who = modules::contents("/sys/module/hello/parameters/who");
        who.erase(who.find_last_not_of('\n') + 1);
        check(well && ChangingString::is_one(who), "a module's parameters");
        int error = ENOENT;  // as long as the name is the longer one
        for (const time_t end = time(nullptr) + 20; error == ENOENT && time(nullptr) < end;)
            error = modules::remove(name.text());
        well = well && error == 0;
        check(well, "delete_module");
    }
    modules::remove("hello");
}

constexpr deeds::Deed all_deeds[] = {
    {"changing-names", changing_names},
    {"changing-texts", changing_texts},
    {"changing-arguments", changing_arguments},
    {"changing-names-of-files", changing_names_of_files},
    {"changing-mounts", changing_mounts},
    {"changing-modules", changing_modules},
    {"limits", string_limits},
};

}  // namespace

int main(int argc, char** argv, char** environment)
{
    if (argc > 2 && std::string_view(argv[1]) == "again")
        return check_arguments(argc, argv, environment);
    return argc > 2 ? 0 : deeds::run(all_deeds, argc == 2 ? argv[1] : "all");
}
