// What calls leave behind when memory ends in the middle of them: each is made again and again, and the first, the second, the third
// allocation in it fails, until it comes through. Up to then everything must be as before.

#include <cstdint>
#include <string>
#include <vector>

#include <dirent.h>
#include <linux/fs.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "tests/boot/programs/fail_nth.h"
#include "tests/boot/programs/user.h"

namespace {

using namespace deeds;

const std::string top = "/tmp/failures";

std::string in_top(const char* name)
{
    return top + "/" + name;
}

// All names below the directory, with what they stand for: type, permissions, links, owner, size.
std::string tree_of(const std::string& path)
{
    std::string text;
    DIR* const folder = opendir(path.c_str());
    check(folder != nullptr, path.c_str());
    std::vector<std::string> names;
    while (const dirent* const entry = readdir(folder))
        if (std::string_view(entry->d_name) != "." && std::string_view(entry->d_name) != "..")
            names.push_back(entry->d_name);
    closedir(folder);
    struct stat status {};
    check(lstat(path.c_str(), &status) == 0, path.c_str());
    text += path + " " + std::to_string(status.st_mode) + " " + std::to_string(status.st_nlink) + "\n";
    for (const auto& name : names) {
        const std::string inner = path + "/" + name;
        check(lstat(inner.c_str(), &status) == 0, inner.c_str());
        text += inner + " " + std::to_string(status.st_ino) + " " + std::to_string(status.st_mode) + " " + std::to_string(status.st_nlink) +
                " " + std::to_string(status.st_size) + "\n";
        if (S_ISDIR(status.st_mode))
            text += tree_of(inner);
    }
    return text;
}

// Two directories, in which names of every kind stand.
void make_tree()
{
    mkdir(top.c_str(), 0755);
    check(mount("tmpfs", top.c_str(), "tmpfs", 0, nullptr) == 0, "a file system of its own");
    for (const char* name : {"one", "two", "one/folder", "two/folder", "one/full", "one/full/inner"})
        check(mkdir(in_top(name).c_str(), 0755) == 0, name);
    for (const char* name : {"one/file", "two/file", "one/other"})
        write_text(in_top(name).c_str(), name, 0644);
}

void remove_tree()
{
    check(umount(top.c_str()) == 0, "nothing is left in use");
}

std::string tree()
{
    return tree_of(top);
}

void names()
{
    make_tree();
    const std::string long_name(200, 'n');
    const auto file = in_top("one/file"), other = in_top("two/file"), folder = in_top("one/folder"), other_folder = in_top("two/folder");
    const auto renamed = in_top(("two/" + long_name).c_str()), full = in_top("one/full"), linked = in_top("one/other");
    const auto made = in_top("one/made"), fifo = in_top("one/fifo"), created = in_top("one/created"), symbolic = in_top("two/symlink");
    fail_everywhere("rename to a new name", tree, [&] { return rename(file.c_str(), renamed.c_str()); });
    fail_everywhere("rename back", tree, [&] { return rename(renamed.c_str(), file.c_str()); });
    fail_everywhere("rename over a file", tree, [&] { return rename(file.c_str(), other.c_str()); });
    fail_everywhere("rename over a directory", tree, [&] { return rename(folder.c_str(), other_folder.c_str()); });
    fail_everywhere("exchange", tree, [&] {
        return syscall(SYS_renameat2, AT_FDCWD, other.c_str(), AT_FDCWD, full.c_str(), RENAME_EXCHANGE);
    });
    fail_everywhere("link", tree, [&] { return link(linked.c_str(), renamed.c_str()); });
    fail_everywhere("symlink", tree, [&] { return symlink(long_name.c_str(), symbolic.c_str()); });
    fail_everywhere("mkdir", tree, [&] { return mkdir(made.c_str(), 0700); });
    fail_everywhere("mknod", tree, [&] { return mknod(fifo.c_str(), S_IFIFO | 0600, 0); });
    fail_everywhere("open with O_CREAT", tree, [&] {
        const int opened = open(created.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600);
        const int error = errno;
        close(opened);
        errno = error;
        return opened;
    });
    fail_everywhere("unlink", tree, [&] { return unlink(linked.c_str()); });
    fail_everywhere("rmdir", tree, [&] { return rmdir(made.c_str()); });
    check(failures_in_all > 15, "calls were hit");
    remove_tree();
}

std::string descriptors()
{
    std::string text;
    for (int descriptor = 0; descriptor < 64; ++descriptor)
        text += fcntl(descriptor, F_GETFD) >= 0 ? 'x' : '-';
    return text + "\n";
}

void descriptors_stay()
{
    make_tree();
    int ends[2] = {-1, -1};
    fail_everywhere("pipe2", descriptors, [&] { return pipe2(ends, 0); });
    fail_everywhere("F_SETPIPE_SZ", [&] { return std::to_string(fcntl(ends[0], F_GETPIPE_SZ)) + "\n"; },
                    [&] { return fcntl(ends[0], F_SETPIPE_SZ, 1 << 20); });
    const auto link = "/proc/self/fd/" + std::to_string(ends[0]), file = in_top("one/file");
    fail_everywhere("open of a pipe through /proc", descriptors, [&] { return open(link.c_str(), O_WRONLY); });
    fail_everywhere("open of a file", descriptors, [&] { return open(file.c_str(), O_RDONLY); });
    const auto never = in_top("one/never");
    const rlimit few{.rlim_cur = 3, .rlim_max = 1024}, many{.rlim_cur = 1024, .rlim_max = 1024};
    check(setrlimit(RLIMIT_NOFILE, &few) == 0, "few descriptors");
    refused(open(never.c_str(), O_CREAT | O_WRONLY, 0600), EMFILE, "there is none left");
    check(setrlimit(RLIMIT_NOFILE, &many) == 0 && access(never.c_str(), F_OK) != 0, "so nothing was made");
    fail_everywhere("a high descriptor", descriptors, [&] { return fcntl(ends[0], F_DUPFD, 60); });
    check(failures_in_all > 10, "calls were hit");
    for (int descriptor = 3; descriptor < 64; ++descriptor)
        close(descriptor);
    remove_tree();
}

void rights()
{
    char name[] = "/proc/thread-self/fail-nth";
    const int own = open(name, O_RDWR);
    refused(write(own, "-1", 2), EINVAL, "no number of an allocation");
    refused(write(own, "soon", 4), EINVAL, "no number");
    const pid_t child = start_child([] { pause(); });
    const int others = open(("/proc/" + std::to_string(child) + "/fail-nth").c_str(), O_RDWR);
    refused(write(others, "1", 1), EPERM, "only one's own");
    kill(child, SIGKILL);
    status_of(child);
    as_user([&] {
        check(prctl(PR_SET_DUMPABLE, 1) == 0, "what it was before is no secret");
        refused(write(open(name, O_RDWR), "1", 1), EPERM, "for root");
    });
    close(own);
    close(others);
}

constexpr Deed all[] = {{"names", names}, {"descriptors", descriptors_stay}, {"rights", rights}};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
