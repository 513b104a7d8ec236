// Nothing that /proc and /sys say to an ordinary user tells where the kernel stands: no content of a file, no name, no target of a link.
// A module is loaded meanwhile.

#include "tests/boot/programs/user.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>

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

constexpr deeds::Deed all[] = {
    {"from-users", from_users}, {"from-readers-that-changed", from_readers_that_changed}, {"not-from-root", not_from_root}};

}  // namespace

int main(int argc, char** argv)
{
    return deeds::run(all, argc == 2 ? argv[1] : "all");
}
