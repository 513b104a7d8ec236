#pragma once

// What must hold when a soak of module loading is over: nothing of any module is left.

#include "tests/boot/programs/deeds.h"
#include "tests/boot/programs/module_calls.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <set>
#include <sstream>
#include <string>

#include <dirent.h>
#include <sys/utsname.h>

namespace soak {

using deeds::check;

// The module tree of the running kernel.
inline std::string tree()
{
    utsname names{};
    uname(&names);
    return std::string("/lib/modules/") + names.release;
}

inline long free_kibibytes()
{
    const std::string text = modules::contents("/proc/meminfo");
    const auto at = text.find("MemFree:");
    return at == text.npos ? 0 : std::atol(text.c_str() + at + 8);
}

// Takes memory until about so many KiB are free.
inline void take_memory(long left_over)
{
    constexpr std::size_t step = 32 * deeds::page;
    const std::size_t all = static_cast<std::size_t>(free_kibibytes()) * 1024;
    char* const memory = deeds::map_memory(all, MAP_PRIVATE);
    for (std::size_t taken = 0; memory != nullptr && taken + step < all && free_kibibytes() > left_over; taken += step)
        for (std::size_t at = taken; at < taken + step; at += deeds::page)
            memory[at] = 1;
}

// Tries again for some seconds: what was killed may still be on its way out.
template <typename Condition>
bool becomes_true(Condition&& condition)
{
    for (int attempt = 0; attempt < 200; ++attempt) {
        if (condition())
            return true;
        usleep(50'000);
    }
    return false;
}

// Calls visit(name, references, users) for each line of /proc/modules.
template <typename Visit>
void for_each_module(Visit&& visit)
{
    std::istringstream lines(modules::contents("/proc/modules"));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string name, size, references, users;
        words >> name >> size >> references >> users;
        visit(name, std::atoi(references.c_str()), users);
    }
}

// The only references are those of modules that stand on others.
inline bool references_are_explained()
{
    bool all = true;
    for_each_module([&](const std::string&, int references, const std::string& users) {
        all = all && references == std::count(users.begin(), users.end(), ',');
    });
    return all;
}

inline void remove_all()
{
    check(becomes_true(references_are_explained), "references come back to those of other modules");
    const auto remove_each = [] {
        int seen = 0;
        for_each_module([&](const std::string& name, int, const std::string&) {
            ++seen;
            modules::remove(name.c_str());
        });
        return seen == 0;
    };
    check(becomes_true(remove_each), "all modules can be removed");
    if (deeds::failures != 0)
        std::printf("/proc/modules:\n%s", modules::contents("/proc/modules").c_str());
}

inline std::set<unsigned long> pages_of_sections(const std::string& folder)
{
    std::set<unsigned long> pages;
    DIR* const directory = opendir(folder.c_str());
    for (const dirent* entry = nullptr; directory != nullptr && (entry = readdir(directory)) != nullptr;)
        if (const auto address = std::strtoul(modules::contents((folder + "/" + entry->d_name).c_str()).c_str(), nullptr, 16))
            pages.insert(address / deeds::page * deeds::page);
    if (directory != nullptr)
        closedir(directory);
    return pages;
}

// Whether the kernel can read at `address`, by the module guarded.
inline bool is_mapped(unsigned long address)
{
    const int file = open("/sys/module/guarded/parameters/load", O_WRONLY | O_CLOEXEC);
    char text[32];
    const int size = std::snprintf(text, sizeof text, "%#lx\n", address);
    const bool read = write(file, text, static_cast<std::size_t>(size)) == size;
    check(read || errno == EFAULT, "a trial to read of the kernel's memory");
    close(file);
    return read;
}

// Modules are placed as low as may be: with only guarded loaded, nothing is mapped behind it.
inline void check_only_guarded_is_mapped()
{
    constexpr unsigned long looked_at = 200;
    check(modules::load_file("/tests/modules/guarded.ko") == 0, "guarded is loaded");
    const unsigned long own_pages = 3 + std::strtoul(modules::contents("/sys/module/guarded/coresize").c_str(), nullptr, 10) / deeds::page;
    for (const unsigned long page : pages_of_sections("/sys/module/guarded/sections")) {
        check(is_mapped(page), "a page of guarded is mapped");
        for (unsigned long number = own_pages; number < looked_at; ++number)
            if (is_mapped(page + number * deeds::page)) {
                std::printf("module_soak: %#lx is still mapped\n", page + number * deeds::page);
                ++deeds::failures;
            }
    }
    check(modules::remove("guarded") == 0, "guarded is removed");
}

inline void check_nothing_is_left()
{
    check_only_guarded_is_mapped();
    check(modules::contents("/proc/modules").empty(), "/proc/modules is empty");
    check(modules::contents("/proc/kallsyms").find("\t[") == std::string::npos, "kallsyms has no symbol of a module");
    check(modules::contents("/proc/filesystems").find("ext2") == std::string::npos, "ext2 is not registered");
    check(access("/sys/module/hello", F_OK) != 0, "/sys/module has no folder of a module");
    check(access("/dev/vda", F_OK) != 0, "no disk without its driver");
}

// Follows the kernel's log in a process of its own, for lines that say that something is in disorder.
class LogWatch {
public:
    LogWatch() : found_(deeds::map_memory<std::atomic<int>>(deeds::page, MAP_SHARED)), process_(deeds::start_child([&] { follow(); }))
    {
    }
    void check() const
    {
        kill(process_, SIGKILL);
        deeds::status_of(process_);
        deeds::check(*found_ == 0, "nothing worrying in the log");
    }

private:
    [[noreturn]] void follow()
    {
        const int log = open("/dev/kmsg", O_RDONLY);
        for (;;) {
            char line[1024];
            const ssize_t size = read(log, line, sizeof line - 1);
            if (size <= 0)
                continue;
            line[size] = '\0';
            for (const char* words : {"nobody held", "could not register", "requests fail from now on"})
                if (std::strstr(line, words) != nullptr) {
                    ++*found_;
                    std::printf("module_soak: log: %s", line);
                    std::fflush(stdout);
                }
        }
    }

    std::atomic<int>* found_;
    pid_t process_;
};

}  // namespace soak
