// Checks that what runs is not written and what is read only stays so: ETXTBSY, mprotect, noexec; and that a file that is at work answers.
#include "tests/boot/programs/user.h"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <new>

#include <sys/mount.h>

namespace {

using namespace deeds;

void running_programs()
{
    copy_self("/tmp/busy", 0755);
    const pid_t child = start_child([] {
        execl("/tmp/busy", "/tmp/busy", "sleep", nullptr);
        _exit(127);
    });
    const std::string link = "/proc/" + std::to_string(child) + "/exe";
    const auto has_started = [&] {
        char exe[64];
        const ssize_t size = readlink(link.c_str(), exe, sizeof exe);
        return size > 0 && std::string_view(exe, static_cast<std::size_t>(size)) == "/tmp/busy";
    };
    while (!has_started() && waitpid(child, nullptr, WNOHANG) == 0)
        usleep(1000);
    refused(open("/tmp/busy", O_WRONLY), ETXTBSY, "what runs is not written");
    refused(open("/tmp/busy", O_RDWR | O_TRUNC), ETXTBSY, "nor cut off");
    refused(truncate("/tmp/busy", 0), ETXTBSY, "by name neither");
    refused(open("/tmp/busy", O_RDONLY | O_TRUNC), ETXTBSY, "nor by O_TRUNC alone");
    struct stat status {};
    check(stat("/tmp/busy", &status) == 0 && status.st_size > 0, "and is whole");
    check(open_and_close("/tmp/busy", O_RDONLY) == 0 && unlink("/tmp/busy") == 0, "reading and removing are free");
    kill(child, SIGKILL);
    status_of(child);
    refused(open("/bin/busybox", O_WRONLY), ETXTBSY, "init's program");
    refused(open("/proc/self/exe", O_WRONLY), ETXTBSY, "one's own");
}

void written_programs()
{
    copy_self("/tmp/busy", 0755);
    const int writer = open("/tmp/busy", O_WRONLY);
    check(writer >= 0, "a program that rests can be written");
    refused(execl("/tmp/busy", "/tmp/busy", "answer", nullptr), ETXTBSY, "what is written does not run");
    close(writer);
    check(run_program("/tmp/busy", "answer") == 42, "afterwards it does");
    const int again = open("/tmp/busy", O_WRONLY);
    check(again >= 0, "and when it has ended it can be written");
    close(again);
    unlink("/tmp/busy");
}

void read_only_mappings()
{
    write_text("/tmp/mapped", std::string(page, 'x'), 0644);
    const int file = open("/tmp/mapped", O_RDONLY);
    void* const shared = map_memory<void>(page, MAP_SHARED, file, PROT_READ);
    refused(mprotect(shared, page, PROT_READ | PROT_WRITE), EACCES, "a shared mapping of what was opened for reading");
    check(mprotect(shared, page, PROT_NONE) == 0 && mprotect(shared, page, PROT_READ) == 0, "less is free");
    char* const copy = map_memory(page, MAP_PRIVATE, file, PROT_READ);
    check(mprotect(copy, page, PROT_READ | PROT_WRITE) == 0, "a private one is the process's own");
    copy[0] = 'y';
    const int writable = open("/tmp/mapped", O_RDWR);
    void* const both = map_memory<void>(page, MAP_SHARED, writable, PROT_READ);
    check(mprotect(both, page, PROT_READ | PROT_WRITE) == 0, "opened for both");
    const int child = status_of_child([&] {
        refused(mprotect(shared, page, PROT_READ | PROT_WRITE), EACCES, "after fork, too");
    });
    check(child == 0, "child");
    char byte = 0;
    check(pread(file, &byte, 1, 0) == 1 && byte == 'x', "the file is as it was");
    unlink("/tmp/mapped");
}

void mounts_without_programs()
{
    mkdir("/tmp/noexec", 0755);
    check(mount("none", "/tmp/noexec", "tmpfs", MS_NOEXEC | MS_NODEV, nullptr) == 0, "mount");
    copy_self("/tmp/noexec/program", 0755);
    refused(execl("/tmp/noexec/program", "program", "answer", nullptr), EACCES, "noexec");
    refused(access("/tmp/noexec/program", X_OK), EACCES, "access says so");
    const int file = open("/tmp/noexec/program", O_RDONLY);
    check(mmap(nullptr, page, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0) == MAP_FAILED && errno == EPERM, "no mapping to run either");
    void* const mapped = map_memory<void>(page, MAP_PRIVATE, file, PROT_READ);
    refused(mprotect(mapped, page, PROT_READ | PROT_EXEC), EACCES, "nor later");
    munmap(mapped, page);
    close(file);
    check(mknod("/tmp/noexec/null", S_IFCHR | 0666, 0x103) == 0, "mknod");
    refused(open("/tmp/noexec/null", O_RDONLY), EACCES, "nodev");
    check(umount("/tmp/noexec") == 0 && rmdir("/tmp/noexec") == 0, "umount");
}

// Who asks for the attributes of a file, or changes them, does not wait for what is being done to its content.
void attributes()
{
    constexpr off_t size = 96 << 20;
    struct Shared {
        std::atomic<bool> cuts, ends;
        std::atomic<int> answers;
    };
    auto* const shared = new (map_memory<void>(sizeof(Shared), MAP_SHARED)) Shared;
    const int file = open("/tmp/busy", O_RDWR | O_CREAT, 0600);
    const pid_t asker = start_child([&] {
        struct stat status {};
        while (!shared->ends)
            if (shared->cuts && fstat(file, &status) == 0 && fchmod(file, 0600) == 0 && futimens(file, nullptr) == 0 && shared->cuts)
                ++shared->answers;
    });
    int most = 0;
    for (int round = 0; round < 5 && most < 10; ++round) {
        check(fallocate(file, 0, 0, size) == 0, "a large file");
        shared->answers = 0;
        shared->cuts = true;
        check(ftruncate(file, 0) == 0, "cut off");
        shared->cuts = false;
        most = std::max<int>(most, shared->answers);
    }
    shared->ends = true;
    check(status_of(asker) == 0 && most >= 10, "answers while it is cut off");
    close(file);
    unlink("/tmp/busy");
}

// Root mounts where a user makes and removes names meanwhile: what could be mounted can be detached again.
void mounts_and_removals()
{
    constexpr time_t duration = 3;  // seconds
    const time_t end = time(nullptr) + duration;
    check(mkdir("/tmp/users", 0777) == 0 && chmod("/tmp/users", 0777) == 0, "a user's folder");
    const pid_t user = start_child([&] {
        become(ordinary_user, ordinary_group);
        mkdir("/tmp/users/other", 0700);
        while (time(nullptr) < end) {
            mkdir("/tmp/users/folder", 0700);
            rmdir("/tmp/users/folder");
            mkdir("/tmp/users/folder", 0700);
            if (rename("/tmp/users/other", "/tmp/users/folder") == 0)
                mkdir("/tmp/users/other", 0700);
            close(open("/tmp/users/file", O_WRONLY | O_CREAT, 0600));
            unlink("/tmp/users/file");
        }
    });
    const auto mount_rounds = [&](const char* source, const char* place, const char* type, unsigned long flags) {
        while (time(nullptr) < end && failures == 0) {
            if (mount(source, place, type, flags, nullptr) != 0)
                continue;
            int detached = umount(place);
            while (detached != 0 && errno == EBUSY)  // the user looks at it just now
                detached = umount(place);
            check(detached == 0, place);
        }
    };
    const pid_t binder = start_child([&] { mount_rounds("/bin/busybox", "/tmp/users/file", nullptr, MS_BIND); });
    mount_rounds("none", "/tmp/users/folder", "tmpfs", 0);
    check(status_of(binder) == 0 && status_of(user) == 0, "those who took part");
    rmdir("/tmp/users/folder");
    rmdir("/tmp/users/other");
    unlink("/tmp/users/file");
    check(rmdir("/tmp/users") == 0, "nothing stays");
}

constexpr Deed all[] = {
    {"running-programs", running_programs},
    {"written-programs", written_programs},
    {"read-only-mappings", read_only_mappings},
    {"mounts-without-programs", mounts_without_programs},
    {"attributes", attributes},
    {"mounts-and-removals", mounts_and_removals},
};

}  // namespace

int main(int argc, char** argv)
{
    const std::string_view word = argc == 2 ? argv[1] : "all";
    if (word == "sleep")
        return pause();
    if (word == "answer")
        return 42;
    return run(all, word);
}
