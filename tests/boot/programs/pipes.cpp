// How much pipes hold, and who may change it (fcntl(2), F_SETPIPE_SZ; pipe(7)). A pipe without a name is an object with attributes, which is
// opened again through /proc/PID/fd like everything else that is open (proc(5)).

#include <cstring>
#include <string>
#include <vector>

#include <sys/file.h>
#include <sys/mount.h>
#include <sys/statfs.h>

#include "tests/boot/programs/user.h"

namespace {

using namespace deeds;

struct Pipe {
    int reader = -1;
    int writer = -1;

    explicit Pipe(int flags = O_NONBLOCK)
    {
        int ends[2];
        check(pipe2(ends, flags) == 0, "a pipe");
        reader = ends[0];
        writer = ends[1];
    }
    ~Pipe()
    {
        close(reader);
        close(writer);
    }
    int size() const { return fcntl(reader, F_GETPIPE_SZ); }
    int resize(unsigned long size) const { return fcntl(writer, F_SETPIPE_SZ, size); }
};

void set_limit(const char* which, unsigned long value)
{
    const std::string text = std::to_string(value);
    const int file = open((std::string("/proc/sys/fs/pipe-") + which).c_str(), O_WRONLY);
    check(file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()), which);
    close(file);
}

void sizes()
{
    const Pipe pipe;
    check(pipe.size() == 65536, "16 pages at first");
    check(pipe.resize(1) == 4096 && pipe.resize(5000) == 8192 && pipe.size() == 8192, "powers of two, at least a page");
    refused(pipe.resize(0x8000'0001), EINVAL, "more than there are bytes for");
    refused(pipe.resize(0x4000'0000), ENOMEM, "more than there is memory for");
    const int file = open("/dev/null", O_RDWR);
    refused(fcntl(file, F_GETPIPE_SZ), EBADF, "no pipe");
    refused(fcntl(file, F_SETPIPE_SZ, 4096), EBADF, "no pipe");
    refused(fcntl(open("/tmp", O_RDONLY), F_GETPIPE_SZ), EBADF, "no pipe");
    const char* const name = "/tmp/a-fifo";
    unlink(name);
    check(mkfifo(name, 0600) == 0, "a fifo");
    const int fifo = open(name, O_RDWR);
    check(fcntl(fifo, F_SETPIPE_SZ, 100'000) == 131'072 && fcntl(fifo, F_GETPIPE_SZ) == 131'072, "has a size, too");
    int ends[2];
    refused(pipe2(ends, O_DIRECT), EINVAL, "there are no packets");
}

void contents()
{
    const Pipe pipe;
    std::vector<char> sent(1 << 20), received(2 << 20);
    for (std::size_t i = 0; i < sent.size(); ++i)
        sent[i] = static_cast<char>(i * 2654435761u >> 13);
    check(write(pipe.writer, sent.data(), 65536) == 65536 && read(pipe.reader, received.data(), 10'000) == 10'000, "full but for a part");
    check(pipe.resize(1 << 20) == 1 << 20, "it grows");
    check(write(pipe.writer, sent.data() + 65536, sent.size() - 65536) == static_cast<ssize_t>(sent.size() - 65536), "and takes more");
    check(write(pipe.writer, sent.data(), 10'000) == 10'000, "all that it says it holds");
    refused(write(pipe.writer, sent.data(), 1), EAGAIN, "and no more");
    refused(pipe.resize(1 << 19), EBUSY, "what is in it stays");
    std::size_t got = 10'000;
    for (ssize_t more; (more = read(pipe.reader, received.data() + got, received.size() - got)) > 0;)
        got += static_cast<std::size_t>(more);
    check(got == (1 << 20) + 10'000, "all of it");
    check(std::memcmp(received.data() + 10'000, sent.data() + 10'000, sent.size() - 10'000) == 0, "in order");
    check(pipe.resize(4096) == 4096 && write(pipe.writer, sent.data(), 5000) == 4096, "it shrinks");
}

void waiting()
{
    const Pipe pipe(0);
    char page_of_bytes[page] = {};
    check(pipe.resize(page) == page && write(pipe.writer, page_of_bytes, page) == page, "full");
    const pid_t child = start_child([&] {
        alarm(20);
        check(write(pipe.writer, page_of_bytes, 100) == 100, "the waiting writer goes on");
    });
    usleep(200'000);
    check(pipe.resize(2 * page) == 2 * page && status_of(child) == 0, "when there is room");
}

void limits()
{
    const Pipe of_root;
    check(of_root.resize(2 << 20) == 2 << 20, "root may go beyond");
    as_user([] {
        const Pipe pipe;
        check(pipe.resize(1 << 20) == 1 << 20, "up to the limit");
        refused(pipe.resize((1 << 20) + 1), EPERM, "beyond it");
    });
    set_limit("max-size", 5000);
    as_user([] {
        const Pipe pipe;
        refused(pipe.resize(1 << 17), EPERM, "another limit");
        check(pipe.resize(1 << 13) == 1 << 13, "to which pipes may shrink");
    });
    set_limit("max-size", 1 << 20);
    set_limit("user-pages-soft", 20);
    as_user([] {
        const Pipe first;
        check(first.size() == 65536, "a pipe within the share");
        refused(first.resize(1 << 17), EPERM, "cannot grow beyond it, though nothing is in it");
        const Pipe second;
        check(second.size() == 2 * page, "and others are small");
        check(first.resize(1 << 13) == 1 << 13, "what one gives up");
        check(second.resize(1 << 16) == 1 << 16, "another may have");
        const Pipe third;
        check(third.size() == 2 * page, "until that is full");
    });
    as_user([] {
        const Pipe first;
        check(first.size() == 65536, "and all is given back at the end");
    });
    const Pipe another_of_root;
    check(another_of_root.size() == 65536, "but not root's");
    set_limit("user-pages-soft", 16384);
}

std::string link_of(int descriptor)
{
    return "/proc/self/fd/" + std::to_string(descriptor);
}

struct stat status_of_file(int descriptor)
{
    struct stat status {};
    check(fstat(descriptor, &status) == 0, "fstat");
    return status;
}

struct stat status_of_link(int descriptor)
{
    struct stat status {};
    check(stat(link_of(descriptor).c_str(), &status) == 0, "stat through /proc");
    return status;
}

void attributes()
{
    const Pipe pipe, other;
    const auto status = status_of_file(pipe.reader);
    check(S_ISFIFO(status.st_mode) && (status.st_mode & 07777) == 0600 && status.st_uid == 0 && status.st_nlink == 1, "of a pipe");
    for (const auto& same : {status_of_file(pipe.writer), status_of_link(pipe.reader), status_of_link(pipe.writer)})
        check(same.st_ino == status.st_ino && same.st_dev == status.st_dev && same.st_mode == status.st_mode, "both ends are one object");
    const auto others = status_of_file(other.reader);
    check(others.st_dev == status.st_dev && others.st_ino != status.st_ino, "every pipe has its number");
    char name[64] = {};
    check(readlink(link_of(pipe.reader).c_str(), name, sizeof name) > 0, "a name to show");
    check(name == "pipe:[" + std::to_string(status.st_ino) + "]", name);
    check(fchmod(pipe.reader, 0640) == 0 && fchown(pipe.writer, 7, 8) == 0, "they can be changed");
    const auto changed = status_of_link(pipe.writer);
    check((changed.st_mode & 07777) == 0640 && changed.st_uid == 7 && changed.st_gid == 8, "for all who ask");
    const timespec times[2] = {{1000, 0}, {2000, 0}};
    check(utimensat(AT_FDCWD, link_of(pipe.reader).c_str(), times, 0) == 0 && status_of_file(pipe.writer).st_mtime == 2000, "times, too");
    struct statfs system {};
    check(fstatfs(pipe.reader, &system) == 0 && system.f_type == 0x50495045, "its file system");
    check(access(link_of(pipe.reader).c_str(), R_OK) == 0, "access");
    refused(access((link_of(pipe.reader) + "/").c_str(), F_OK), ENOTDIR, "it is no directory");
    refused(open((link_of(pipe.reader) + "/name").c_str(), O_RDONLY), ENOTDIR, "nothing is in it");
    refused(chdir(link_of(pipe.reader).c_str()), ENOTDIR, "nor can one go there");
    refused(linkat(AT_FDCWD, link_of(pipe.reader).c_str(), AT_FDCWD, "/tmp/linked-pipe", AT_SYMLINK_FOLLOW), EXDEV, "it gets no name");
    refused(openat(pipe.reader, "name", O_RDONLY), ENOTDIR, "nor is it a place to start from");
    check(mmap(nullptr, page, PROT_READ, MAP_PRIVATE, pipe.reader, 0) == MAP_FAILED && errno == ENODEV, "it has no pages");
    write_text("/tmp/under-a-pipe", "", 0600);
    refused(mount(link_of(pipe.reader).c_str(), "/tmp/under-a-pipe", nullptr, MS_BIND, nullptr), EINVAL, "nor can it be shown elsewhere");
    unlink("/tmp/under-a-pipe");
    check(flock(pipe.reader, LOCK_EX) == 0 && flock(pipe.writer, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK, "one object to lock");
    as_user([] {
        const Pipe own;
        const auto of_user = status_of_file(own.reader);
        check(of_user.st_uid == ordinary_user && of_user.st_gid == ordinary_group, "whose it is");
    });
}

void opened_again()
{
    alarm(20);  // opening a pipe waits for nobody
    Pipe pipe;
    const int writer = open(link_of(pipe.reader).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0666);
    check(writer >= 0, "the reading end opened for writing, as a shell's > does");
    check((fcntl(writer, F_GETFL) & (O_ACCMODE | O_NONBLOCK | O_APPEND)) == (O_WRONLY | O_APPEND), "with flags of its own");
    check((fcntl(pipe.reader, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) == (O_RDONLY | O_NONBLOCK), "and not those of the others");
    char bytes[8] = {};
    check(write(writer, "one", 3) == 3 && read(pipe.reader, bytes, sizeof bytes) == 3, "goes into the same pipe");
    refused(read(writer, bytes, sizeof bytes), EBADF, "not opened for reading");
    const int both = open(link_of(pipe.writer).c_str(), O_RDWR | O_NONBLOCK);
    check(both >= 0 && write(both, "two", 3) == 3 && read(both, bytes, sizeof bytes) == 3, "opened for both");
    refused(open(link_of(pipe.reader).c_str(), O_RDONLY | O_NOFOLLOW), ELOOP, "the link itself");
    refused(open(link_of(pipe.reader).c_str(), O_RDONLY | O_DIRECTORY), ENOTDIR, "no directory");
    refused(open(link_of(pipe.reader).c_str(), O_RDONLY | O_CREAT | O_EXCL, 0600), EEXIST, "it is there");
    close(both);
    close(pipe.writer);
    refused(read(pipe.reader, bytes, sizeof bytes), EAGAIN, "one writer is left");
    close(writer);
    check(read(pipe.reader, bytes, sizeof bytes) == 0, "and now none");
    const int again = open(link_of(pipe.reader).c_str(), O_RDONLY);
    check(again >= 0 && read(again, bytes, sizeof bytes) == 0, "another reader does not wait for a writer");
    const int place = open(link_of(pipe.reader).c_str(), O_PATH);
    const int late = open(link_of(place).c_str(), O_WRONLY);
    check(late >= 0 && write(late, "lost", 4) == 4, "through a mere place");
    for (const int end : {late, again, pipe.reader})
        close(end);
    const int fresh = open(link_of(place).c_str(), O_RDONLY);
    check(fresh >= 0 && read(fresh, bytes, sizeof bytes) == 0, "what was in it went with its last end");
    pipe.reader = pipe.writer = -1;
}

void rights()
{
    const Pipe pipe;
    const auto may_open = [&](int flags) { return open_and_close(link_of(pipe.reader).c_str(), flags); };
    as_user([&] {
        check(write(pipe.writer, "x", 1) == 1, "what was inherited can be used");
        refused(may_open(O_RDONLY), EACCES, "but not opened again: it is root's");
        refused(may_open(O_WRONLY), EACCES, "for writing neither");
        refused(fchmod(pipe.reader, 0666), EPERM, "nor made free");
    });
    check(fchmod(pipe.reader, 0622) == 0, "others may write");
    as_user([&] {
        check(may_open(O_WRONLY) == 0, "and so they do");
        refused(may_open(O_RDWR), EACCES, "but do not read");
    });
    check(fchown(pipe.reader, ordinary_user, ordinary_group) == 0 && fchmod(pipe.reader, 0400) == 0, "another owner");
    as_user([&] {
        check(may_open(O_RDONLY) == 0, "who reads");
        refused(may_open(O_WRONLY), EACCES, "and does not write");
    });
}

constexpr deeds::Deed all[] = {
    {"sizes", sizes},           {"contents", contents},         {"waiting", waiting}, {"limits", limits},
    {"attributes", attributes}, {"opened-again", opened_again}, {"rights", rights},
};

}  // namespace

int main(int argc, char** argv)
{
    return deeds::run(all, argc == 2 ? argv[1] : "all");
}
