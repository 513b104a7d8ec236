// What programs may hand to init_module and finit_module instead of a module, and modules with names that are no file names: refused with a
// reason, or loaded and named nowhere that they do not belong.

#include <algorithm>
#include <cstring>
#include <vector>

#include <elf.h>
#include <sys/wait.h>

#include "tests/boot/programs/deeds.h"
#include "tests/boot/programs/module_calls.h"

namespace {

using namespace deeds;

constexpr const char* sample = "/tests/modules/hello.ko";

// The error, and the kernel's reason.
void refused_because(int error, int wanted, const char* reason)
{
    errno = error;
    check(error == wanted, reason);
    const std::string said = modules::contents("/proc/self/module_error");
    check(said.find(reason) != std::string::npos, reason);
    if (said.find(reason) == std::string::npos)
        std::printf("the reason is: %s\n", said.c_str());
}

void long_parameters()
{
    const std::string image = modules::contents(sample);
    for (const std::size_t size : {std::size_t{64 * 1024}, std::size_t{64 * 1024 + 1}, std::size_t{1 << 20}}) {
        const std::string parameters = "who=" + std::string(size - 4, 'x');
        refused_because(modules::load(image, parameters.c_str()), EINVAL, "the parameters are longer than 65535 bytes");
        refused_because(modules::load_file(sample, parameters.c_str()), EINVAL, "the parameters are longer than 65535 bytes");
    }
    const std::string longest(64 * 1024 - 1, ' ');
    check(modules::load(image, longest.c_str()) == 0 && modules::remove("hello") == 0, "the longest that may be");
    check(modules::load_file(sample, longest.c_str()) == 0 && modules::remove("hello") == 0, "and with a file");
}

int load_descriptor(int descriptor)
{
    return modules::errno_of(syscall(SYS_finit_module, descriptor, "", 0));
}

void odd_descriptors()
{
    int ends[2];
    check(pipe(ends) == 0, "pipe");
    refused_because(load_descriptor(ends[0]), EINVAL, "is a pipe or FIFO and no regular file");
    refused_because(load_descriptor(ends[1]), EBADF, "is not open for reading");
    check(mkfifo("/tmp/fifo.ko", 0600) == 0, "mkfifo");
    refused_because(load_descriptor(open("/tmp/fifo.ko", O_RDWR)), EINVAL, "is a pipe or FIFO and no regular file");
    unlink("/tmp/fifo.ko");
    refused_because(load_descriptor(open("/dev/null", O_RDONLY)), EINVAL, "is a device and no regular file");
    refused_because(load_descriptor(open("/tmp", O_RDONLY)), EINVAL, "is a directory and no regular file");
    refused_because(load_descriptor(open(sample, O_PATH)), EBADF, "descriptor");
    refused_because(load_descriptor(1000), EBADF, "descriptor 1000");
}

Elf64_Ehdr header_of(const std::string& image)
{
    Elf64_Ehdr header;
    std::memcpy(&header, image.data(), sizeof header);
    return header;
}

// Another name for a section, whose old name is at least as long.
void rename_section(std::string& image, std::string_view from, std::string_view to)
{
    const Elf64_Ehdr header = header_of(image);
    std::vector<Elf64_Shdr> sections(header.e_shnum);
    std::memcpy(sections.data(), image.data() + header.e_shoff, sections.size() * sizeof(Elf64_Shdr));
    const std::size_t names = sections[header.e_shstrndx].sh_offset;
    for (const Elf64_Shdr& section : sections)
        if (image.c_str() + names + section.sh_name == from) {
            image.replace(names + section.sh_name, to.size(), to);
            image[names + section.sh_name + to.size()] = '\0';
            return;
        }
    check(false, "a section to be renamed");
}

void section_names()
{
    for (const std::string_view name : {"..", ".", "", "x/y", "/", "../..", "a\nb", "\x7f"}) {
        std::string image = modules::contents(sample);
        rename_section(image, ".rodata", name);
        check(modules::load(image) == 0, "a module with a section of an odd name");
        check(access("/sys/module/hello/sections/.text", F_OK) == 0, "its other sections are shown");
        check(access("/sys/module/hello/sections/../initstate", F_OK) == 0, "\"..\" is the parent");
        std::string path = "/sys/module/hello/sections/";
        path += name;
        struct stat found;
        check(stat(path.c_str(), &found) != 0 || S_ISDIR(found.st_mode), "the odd name is no file");
        check(modules::remove("hello") == 0, "it goes again");
    }
}

// In .modinfo, in the header, wherever.
void replace_all(std::string& image, std::string_view from, std::string_view to)
{
    for (std::size_t at = image.find(from); at != std::string::npos; at = image.find(from, at + from.size()))
        image.replace(at, from.size(), to);
}

void module_names()
{
    const auto padded = [](std::string_view name, std::string before) {
        before += name;
        before.append(6 - name.size(), '\0');
        return before;
    };
    for (const std::string_view name : {"..", ".", "x/y", "/", "a b", "a\nb"}) {
        std::string image = modules::contents(sample);
        replace_all(image, std::string_view("name=hello\0", 11), padded(name, "name="));
        replace_all(image, std::string_view("\0hello\0", 7), padded(name, std::string(1, '\0')));
        refused_because(modules::load(image), ENOEXEC, "cannot be the name of a module");
    }
    std::string image = modules::contents(sample);
    replace_all(image, std::string_view("name=hello\0", 11), padded("", "name="));
    refused_because(modules::load(image), ENOEXEC, "no module found in the object");
}

unsigned long tainted()
{
    char text[32] = {};
    const int file = open("/proc/sys/kernel/tainted", O_RDONLY);
    check(read(file, text, sizeof text - 1) > 0, "kernel.tainted");
    close(file);
    return std::strtoul(text, nullptr, 10);
}

// The kernel remembers what was done to it (Linux, Documentation/admin-guide/tainted-kernels).
void taints()
{
    constexpr unsigned long forced = 2;
    constexpr int ignore_vermagic = 2;
    constexpr unsigned long warning = 512;
    const unsigned long before = tainted();
    check((before & forced) == 0 && modules::load_file(sample, "") == 0, "a module of the tree");
    check(tainted() == before && modules::remove("hello") == 0, "changes nothing");
    const int file = open(sample, O_RDONLY);
    check(syscall(SYS_finit_module, file, "", ignore_vermagic) == 0, "nobody asks for which kernel it was made");
    char letters[8] = {};
    const int taint = open("/sys/module/hello/taint", O_RDONLY);
    check(read(taint, letters, sizeof letters - 1) > 0 && letters[0] == 'F', "the module says so");
    close(taint);
    check(modules::remove("hello") == 0 && tainted() == (before | forced), "and the kernel when the module is gone");
    const int value = open("/proc/sys/kernel/tainted", O_RDWR);
    check(write(value, "512", 3) == 3 && tainted() == (before | forced | warning), "others may add what they know");
    check(pwrite(value, "0", 1, 0) == 1 && tainted() == (before | forced | warning), "but nobody takes it back");
    close(value);
    close(file);
}

// What was made for another configuration of the same release (the debug kernel) is refused.
void configurations()
{
    const std::string debug = " SMP mod_unload debug aarch64", ordinary = " SMP mod_unload aarch64";
    std::string image = modules::contents(sample);
    const bool is_debug = image.find(debug) != std::string::npos;
    const std::string& own = is_debug ? debug : ordinary;
    std::string other = is_debug ? ordinary : " SMP debug aarch64";
    other += '\0';
    other += "more=" + std::string(own.size(), 'x');  // the rest is a text of its own
    const auto place = image.find(own);
    check(place != std::string::npos, "vermagic names the configuration");
    check(modules::load(image) == 0 && modules::remove("hello") == 0, "the kernel's own");
    image.replace(place, own.size(), other.substr(0, own.size()));
    check(modules::load(image) == ENOEXEC, "that of another");
}

// What init returns is the caller's errno as far as it is one; no value has the system call made again and again.
void init_statuses()
{
    const std::string image = modules::contents("/tests/modules/failing_init.ko");
    const auto load = [&](const char* value) { return modules::load(image, (std::string("error=") + value).c_str()); };
    check(load("1") == EPERM && load("133") == EHWPOISON && load("511") == 511, "an errno");
    for (const char* value : {"512", "513", "514", "516", "4095", "4096", "65536", "2147483647", "-2147483648"})
        refused_because(load(value), EINVAL, "is no errno");
    check(load("-7") == 0 && modules::remove("failing_init") == 0, "what is above zero is only strange");
}

// Nobody changes a file while it is loaded, and nobody loads one that may change; what its init does later has nothing to do with it.
void files_that_are_written()
{
    const std::string image = modules::contents("/tests/modules/waiting.ko");
    const int writer = open("/tmp/written.ko", O_CREAT | O_RDWR, 0600);
    check(write(writer, image.data(), image.size()) == static_cast<ssize_t>(image.size()), "a copy");
    refused_because(load_descriptor(writer), ETXTBSY, "the file is open for writing");
    refused_because(modules::load_file("/tmp/written.ko"), ETXTBSY, "the file is open for writing");
    close(writer);
    const pid_t loader = start_child([] { modules::load_file("/tmp/written.ko", "fail_when_open=1"); });
    while (access("/dev/waiting", F_OK) != 0)
        usleep(10'000);
    const int again = open("/tmp/written.ko", O_WRONLY | O_TRUNC);
    check(again >= 0, "a file whose module starts may be written");
    close(again);
    const int device = open("/dev/waiting", O_RDONLY);
    usleep(100'000);  // init looks every hundredth of a second
    close(device);
    check(status_of(loader) == 0 && modules::contents("/proc/modules").empty(), "it ends");
    unlink("/tmp/written.ko");
}

constexpr Deed all[] = {
    {"files-that-are-written", files_that_are_written},
    {"init-statuses", init_statuses},
    {"long-parameters", long_parameters},
    {"odd-descriptors", odd_descriptors},
    {"section-names", section_names},
    {"module-names", module_names},
    {"taints", taints},
    {"configurations", configurations},
};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
