// Nothing that /proc and /sys say to an ordinary user tells where the kernel stands: no content of a file, no name, no target of a link.
// A module is loaded meanwhile.

#include "tests/boot/programs/user.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <utility>
#include <vector>

#include <ftw.h>
#include <sys/prctl.h>

namespace {

using deeds::check;

// The linear map of the memory and devices that a machine has, the dynamic area, modules and kernel. Sets of signals look otherwise.
bool is_kernel_address(std::uint64_t value)
{
    constexpr std::uint64_t area = std::uint64_t{1} << 40;
    return (value >= 0xffff'0000'0000'0000 && value < 0xffff'0000'0000'0000 + area) ||
           (value >= 0xffff'8000'0000'0000 && value < 0xffff'8000'0000'0000 + area) ||
           (value >= 0xffff'ffff'4000'0000 && value <= 0xffff'ffff'ffff'f000);
}

bool is_number(char digit, int base)
{
    return (digit >= '0' && digit <= '9') || (base == 16 && ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f'));
}

// Whether 16 hexadecimal or 20 decimal digits in a row are an address of the kernel.
bool names_address(std::string_view text, int base, std::size_t width)
{
    std::size_t digits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        digits = is_number(text[i], base) ? digits + 1 : 0;
        if (digits < width)
            continue;
        std::uint64_t value = 0;
        const char* const start = text.data() + i + 1 - width;
        const auto [end, error] = std::from_chars(start, start + width, value, base);
        if (error == std::errc() && is_kernel_address(value))
            return true;
    }
    return false;
}

bool shows_address(std::string_view text)
{
    return names_address(text, 16, 16) || names_address(text, 10, 20);
}

std::string content_of(int file)
{
    constexpr std::size_t enough = 1 << 20;  // of files without an end
    std::string content;
    std::array<char, 4096> buffer;
    for (ssize_t size = 0; content.size() < enough && (size = read(file, buffer.data(), buffer.size())) > 0;)
        content.append(buffer.data(), static_cast<std::size_t>(size));
    close(file);
    return content;
}

std::string content_of(const char* path)
{
    const int file = open(path, O_RDONLY | O_NONBLOCK);
    return file < 0 ? std::string() : content_of(file);
}

int files_read = 0;
int links_read = 0;

int look_at(const char* path, const struct stat*, int kind, FTW*)
{
    std::string text;
    if (kind == FTW_F) {
        text = content_of(path);
        files_read += text.empty() ? 0 : 1;
    } else if (kind == FTW_SL) {
        std::array<char, 4096> target;
        const ssize_t size = readlink(path, target.data(), target.size());
        text.assign(target.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        links_read += size > 0 ? 1 : 0;
    }
    if (shows_address(text) || shows_address(path)) {
        std::printf("%s: ", path);
        check(false, "no address of the kernel");
    }
    return 0;
}

void from_users()
{
    deeds::become(deeds::ordinary_user, deeds::ordinary_group);
    check(prctl(PR_SET_DUMPABLE, 1) == 0, "all of /proc/self can be read");
    for (const char* const tree : {"/proc", "/sys"})
        check(nftw(tree, look_at, 16, FTW_PHYS) == 0, tree);
    std::printf("%d files and %d links\n", files_read, links_read);
    check(files_read > 100 && links_read > 10, "most could be read");
    const std::string symbols = content_of("/proc/kallsyms");
    check(symbols.starts_with("0000000000000000 ") && symbols.find("kernel_main") != std::string::npos, "names of symbols are no secret");
}

// Who may see addresses is told by the file at the time of its opening, as the mode of access is.
void from_readers_that_changed()
{
    const int symbols = open("/proc/kallsyms", O_RDONLY);
    deeds::as_user([&] { check(shows_address(content_of(symbols)), "the right that counts is that at open"); });
}

void not_from_root()
{
    for (const char* const path : {"/proc/kallsyms", "/proc/modules", "/sys/module/hello/sections/.text"})
        check(shows_address(content_of(path)), path);
}

// Where the memory of a program lies that is placed at random: what is mapped above 4 GiB.
std::vector<std::pair<std::uint64_t, std::uint64_t>> random_places_of(const std::string& process)
{
    std::vector<std::pair<std::uint64_t, std::uint64_t>> places;
    std::istringstream maps(content_of((process + "/maps").c_str()));
    for (std::string line; std::getline(maps, line);) {
        char* rest = nullptr;
        const std::uint64_t start = std::strtoull(line.c_str(), &rest, 16);
        if (start >> 32 != 0)
            places.emplace_back(start, std::strtoull(rest + 1, nullptr, 16));
    }
    return places;
}

// Whether a number of the text, read as hexadecimal or decimal, lies in one of the places.
bool shows_place(const std::string& text, const std::vector<std::pair<std::uint64_t, std::uint64_t>>& places)
{
    const char* const digits = "0123456789abcdef";
    for (auto at = text.find_first_of(digits); at != std::string::npos;) {
        const auto end = std::min(text.find_first_not_of(digits, at), text.size());
        const std::string word = text.substr(at, end - at);
        for (const int base : {10, 16}) {
            const std::uint64_t value = std::strtoull(word.c_str(), nullptr, base);
            for (const auto& [first, last] : places)
                if (value >= first && value < last)
                    return true;
        }
        at = text.find_first_of(digits, end);
    }
    return false;
}

constexpr const char* files_of_processes[] = {"cmdline", "comm", "environ", "maps", "personality", "stat", "statm", "status",
                                              "mounts", "mountinfo", "module_error"};

bool shows_place_of(const std::string& process, const std::string& shown, const std::vector<std::pair<std::uint64_t, std::uint64_t>>& places)
{
    bool shows = false;
    for (const char* const file : files_of_processes)
        for (const std::string& folder : {shown + "/", shown + "/task/" + process + "/"})
            if (shows_place(content_of((folder + file).c_str()), places)) {
                std::printf("%s%s shows where the program's memory lies\n", folder.c_str(), file);
                shows = true;
            }
    return shows;
}

// What tells where the memory of a program lies is for those who may look into it.
void of_other_programs()
{
    const pid_t other = deeds::start_child([] { pause(); });
    const std::string number = std::to_string(other);
    const std::string folder = "/proc/" + number;
    const auto places = random_places_of(folder);
    check(places.size() > 1, "a program with a stack and more");
    check(shows_place(content_of((folder + "/stat").c_str()), places), "root sees it");
    deeds::as_user([&] {
        check(!content_of((folder + "/stat").c_str()).empty(), "the file can be read");
        check(!shows_place_of(number, folder, places), "a user does not");
        check(prctl(PR_SET_DUMPABLE, 1) == 0, "who changed his user hides nothing from himself");
        check(shows_place(content_of("/proc/self/stat"), random_places_of("/proc/self")), "his own he does");
    });
    kill(other, SIGKILL);
    deeds::status_of(other);
}

constexpr deeds::Deed all[] = {
    {"from-users", from_users}, {"from-readers-that-changed", from_readers_that_changed}, {"not-from-root", not_from_root},
    {"of-other-programs", of_other_programs}};

}  // namespace

int main(int argc, char** argv)
{
    return deeds::run(all, argc == 2 ? argv[1] : "all");
}
