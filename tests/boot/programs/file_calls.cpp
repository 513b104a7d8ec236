// The calls on files and their flags: what they do, and the errno of Linux for what they do not.

#include <cstring>
#include <initializer_list>
#include <string>

#include <dirent.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "tests/boot/programs/deeds.h"

namespace {

using deeds::check;

const std::string folder = "/tmp/calls";

std::string in_folder(const char* name)
{
    return folder + "/" + name;
}

int open_in(const char* name, int flags = O_RDWR | O_CREAT)
{
    mkdir(folder.c_str(), 0755);
    return open(in_folder(name).c_str(), flags | O_CLOEXEC, 0644);
}

// The errno of a call that must fail; 0 when it does not.
template <typename T>
int error_of(T result)
{
    return result == T(-1) ? errno : 0;
}

// The same for calls that glibc has no function for, or whose function it changes.
template <typename... Args>
int error_of_call(long number, Args... arguments)
{
    return error_of(syscall(number, arguments...));
}

void path_descriptors()
{
    close(open_in("file"));
    const int place = open_in("file", O_PATH | O_RDWR | O_TRUNC);
    check(place >= 0 && fcntl(place, F_GETFL) == O_PATH, "O_PATH leaves nothing of the access mode");
    char byte = 'x';
    struct stat status {};
    check(error_of(read(place, &byte, 1)) == EBADF && error_of(write(place, &byte, 1)) == EBADF, "no data");
    check(error_of(lseek(place, 0, SEEK_SET)) == EBADF && error_of(ioctl(place, FIONREAD, &byte)) == EBADF, "no position, no ioctl");
    check(error_of(fchmod(place, 0600)) == EBADF && error_of(fchown(place, 0, 0)) == EBADF, "no attributes are changed");
    check(error_of(ftruncate(place, 0)) == EBADF && error_of(fsync(place)) == EBADF, "no size");
    check(error_of(reinterpret_cast<long>(mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE, place, 0))) == EBADF, "no mapping");
    check(error_of_call(SYS_flock, place, 1) == EBADF && error_of(fcntl(place, F_SETFL, 0)) == EBADF, "no lock, no status flags");
    check(error_of_call(SYS_utimensat, place, nullptr, nullptr, 0) == EBADF, "no times");
    check(fstat(place, &status) == 0 && S_ISREG(status.st_mode), "fstat");
    check(fcntl(dup(place), F_GETFD) == 0 && fcntl(place, F_SETFD, FD_CLOEXEC) == 0, "copies and descriptor flags");
    check(fchownat(place, "", 0, 0, AT_EMPTY_PATH) == 0, "a change through an empty name");
    check(linkat(place, "", AT_FDCWD, in_folder("linked").c_str(), AT_EMPTY_PATH) == 0 && unlink(in_folder("linked").c_str()) == 0,
          "a link through an empty name");

    const int directory = open(folder.c_str(), O_PATH);
    struct statfs file_system {};
    check(openat(directory, "file", O_RDONLY) >= 0 && fchdir(directory) == 0, "a place to start from");
    check(fstatfs(directory, &file_system) == 0, "fstatfs");
    char entries[512];
    check(error_of_call(SYS_getdents64, directory, entries, sizeof entries) == EBADF, "no entries");
    check(symlink("file", in_folder("link").c_str()) == 0, "a link");
    const int link = open_in("link", O_PATH | O_NOFOLLOW);
    check(readlinkat(link, "", entries, sizeof entries) == 4, "a link itself can be a place");
    unlink(in_folder("link").c_str());
}

void open_flags()
{
    close(open_in("file"));
    check(error_of(open_in("file", O_RDONLY | O_DIRECTORY)) == ENOTDIR, "O_DIRECTORY");
    check(error_of(open_in("none", O_RDONLY | O_DIRECTORY | O_CREAT)) == EINVAL && access(in_folder("none").c_str(), F_OK) != 0,
          "O_DIRECTORY with O_CREAT makes nothing");
    check(error_of(open_in("file", O_RDWR | O_DIRECT)) == EINVAL, "O_DIRECT where data goes through memory");
    check(error_of(open_in("file", O_CREAT | O_EXCL)) == EEXIST, "O_EXCL");
    const int file = open_in("file");
    check(error_of(fcntl(file, F_SETFL, O_DIRECT)) == EINVAL && error_of(fcntl(file, F_SETFL, O_ASYNC)) == EINVAL,
          "status flags that nothing stands for");
    check(fcntl(file, F_SETFL, O_APPEND | O_NONBLOCK) == 0 && (fcntl(file, F_GETFL) & (O_APPEND | O_NONBLOCK)) == (O_APPEND | O_NONBLOCK),
          "status flags that act");
    check(error_of(fcntl(file, F_SETLEASE, F_RDLCK)) == EINVAL && error_of(fcntl(file, F_NOTIFY, DN_ACCESS)) == EINVAL, "leases");
    check(error_of(fcntl(file, F_ADD_SEALS, F_SEAL_SEAL)) == EINVAL && error_of(fcntl(file, 4711)) == EINVAL, "seals, anything else");
    char byte = 'x';
    const int neither = open_in("file", O_ACCMODE);
    check(neither >= 0 && error_of(read(neither, &byte, 1)) == EBADF && error_of(write(neither, &byte, 1)) == EBADF,
          "the fourth access mode permits nothing");
}

void unnamed_files()
{
    close(open_in("file"));
    check(error_of(open(folder.c_str(), O_TMPFILE | O_RDONLY, 0600)) == EINVAL, "O_TMPFILE is for writing");
    check(error_of(open(in_folder("file").c_str(), O_TMPFILE | O_RDWR, 0600)) == ENOTDIR, "in a directory");
    const int file = open(folder.c_str(), O_TMPFILE | O_RDWR, 0640);
    struct stat status {};
    check(file >= 0 && fstat(file, &status) == 0 && status.st_nlink == 0 && (status.st_mode & 07777) == 0640, "without a name");
    check(write(file, "text", 4) == 4, "it takes data");
    const std::string through = "/proc/self/fd/" + std::to_string(file);
    check(linkat(AT_FDCWD, through.c_str(), AT_FDCWD, in_folder("named").c_str(), AT_SYMLINK_FOLLOW) == 0, "it gets a name");
    check(stat(in_folder("named").c_str(), &status) == 0 && status.st_nlink == 1 && status.st_size == 4, "which stands for it");
    check(unlink(in_folder("named").c_str()) == 0, "and loses it");
    check(error_of(linkat(AT_FDCWD, through.c_str(), AT_FDCWD, in_folder("named").c_str(), AT_SYMLINK_FOLLOW)) == ENOENT, "for ever");
    const int hidden = open(folder.c_str(), O_TMPFILE | O_RDWR | O_EXCL, 0640);
    const std::string hidden_place = "/proc/self/fd/" + std::to_string(hidden);
    check(error_of(linkat(AT_FDCWD, hidden_place.c_str(), AT_FDCWD, in_folder("named").c_str(), AT_SYMLINK_FOLLOW)) == ENOENT,
          "with O_EXCL it never gets one");
    check(error_of(open("/proc", O_TMPFILE | O_RDWR, 0600)) == EOPNOTSUPP, "where files have names");
}

int renamed(const char* from, const char* to, unsigned flags)
{
    return error_of_call(SYS_renameat2, AT_FDCWD, in_folder(from).c_str(), AT_FDCWD, in_folder(to).c_str(), flags);
}

ino_t number_of(const char* name)
{
    struct stat status {};
    return stat(in_folder(name).c_str(), &status) == 0 ? status.st_ino : 0;
}

void renames()
{
    for (const char* name : {"a", "b"})
        close(open_in(name));
    mkdir(in_folder("d").c_str(), 0755);
    mkdir(in_folder("d/e").c_str(), 0755);
    close(open_in("d/e/f"));
    const ino_t a = number_of("a");
    const ino_t b = number_of("b");
    const ino_t d = number_of("d");
    check(renamed("a", "b", RENAME_NOREPLACE) == EEXIST && number_of("b") == b, "RENAME_NOREPLACE");
    check(renamed("a", "b", RENAME_EXCHANGE) == 0 && number_of("a") == b && number_of("b") == a, "two files change places");
    check(renamed("a", "d", RENAME_EXCHANGE) == 0 && number_of("a") == d && number_of("d") == b, "a file and a directory");
    check(number_of("a/e/f") != 0 && number_of("d/e") == 0, "with what is in it");
    check(renamed("b", "a/e", RENAME_EXCHANGE) == 0 && number_of("b/f") != 0 && number_of("a/e") == a, "in different directories");
    struct stat status {};
    check(stat(in_folder("a").c_str(), &status) == 0 && status.st_nlink == 2, "whose links are counted");
    check(renamed("a", "none", RENAME_EXCHANGE) == ENOENT, "both must be there");
    check(renamed("a", "a/e", RENAME_EXCHANGE) == EINVAL && renamed("a/e", "a", RENAME_EXCHANGE) == EINVAL, "not one within the other");
    check(renamed("a", "d", RENAME_EXCHANGE | RENAME_NOREPLACE) == EINVAL && renamed("b", "d", RENAME_WHITEOUT) == EINVAL &&
              renamed("b", "d", 8) == EINVAL,
          "flags that are none");
}

void sizes()
{
    const int file = open_in("sized", O_RDWR | O_CREAT | O_TRUNC);
    struct stat status {};
    check(fallocate(file, 0, 0, 10'000) == 0 && fstat(file, &status) == 0 && status.st_size == 10'000 && status.st_blocks >= 20,
          "space is there at once");
    check(fallocate(file, FALLOC_FL_KEEP_SIZE, 10'000, 50'000) == 0 && fstat(file, &status) == 0 && status.st_size == 10'000 &&
              status.st_blocks >= 100,
          "also beyond the end");
    char text[10'000];
    std::memset(text, 'x', sizeof text);
    check(pwrite(file, text, sizeof text, 0) == sizeof text, "written");
    const auto blocks = status.st_blocks;
    check(fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 9'000) == 0, "a hole");
    check(pread(file, text, sizeof text, 0) == sizeof text && text[99] == 'x' && text[100] == 0 && text[9'099] == 0 && text[9'100] == 'x',
          "reads as zeros, and nothing beside it");
    check(fstat(file, &status) == 0 && status.st_blocks < blocks && status.st_size == 10'000, "and gives its space back");
    check(error_of(fallocate(file, 0, 0, 0)) == EINVAL && error_of(fallocate(file, 0, -1, 1)) == EINVAL, "no range");
    check(error_of(fallocate(file, FALLOC_FL_PUNCH_HOLE, 0, 1)) == EOPNOTSUPP && error_of(fallocate(file, FALLOC_FL_ZERO_RANGE, 0, 1)) == EOPNOTSUPP,
          "kinds that are none");
    check(error_of(fallocate(file, 0, 1, 0x7fffffffffffffff)) == EFBIG, "beyond all offsets");
    check(error_of(fallocate(open_in("sized", O_RDONLY), 0, 0, 1)) == EBADF, "without writing");
    int ends[2];
    check(pipe(ends) == 0 && error_of(fallocate(ends[1], 0, 0, 1)) == ESPIPE, "of a pipe");
    check(error_of(fallocate(open("/dev/null", O_RDWR), 0, 0, 1)) == ENODEV, "of a device");

    check(error_of(ftruncate(file, -1)) == EINVAL && error_of(ftruncate(ends[1], 0)) == EINVAL, "ftruncate");
    check(error_of(truncate(folder.c_str(), 0)) == EISDIR && error_of(truncate("/dev/null", 0)) == EINVAL, "truncate");
    check(error_of_call(SYS_fadvise64, file, 0, 0, 6) == EINVAL && error_of_call(SYS_fadvise64, ends[0], 0, 0, 0) == ESPIPE, "fadvise");
    check(error_of_call(SYS_readahead, ends[0], 0, 1) == EINVAL && error_of_call(SYS_readahead, open_in("sized", O_WRONLY), 0, 1) == EBADF,
          "readahead");
    check(fsync(file) == 0 && fdatasync(file) == 0 && syncfs(file) == 0 && error_of(fsync(ends[0])) == EINVAL &&
              error_of(fsync(open("/dev/null", O_RDWR))) == EINVAL,
          "fsync");
    check(sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE) == 0 && error_of(sync_file_range(file, 0, 0, 8)) == EINVAL &&
              error_of(sync_file_range(ends[0], 0, 0, 1)) == ESPIPE && error_of(sync_file_range(file, -1, 1, 1)) == EINVAL,
          "sync_file_range");
}

int excess_signals = 0;

void size_limit()
{
    deeds::handle(SIGXFSZ, [](int, siginfo_t*, void*) { ++excess_signals; });
    const rlimit limit{1000, RLIM_INFINITY};
    check(setrlimit(RLIMIT_FSIZE, &limit) == 0, "a limit");
    const int file = open_in("limited", O_RDWR | O_CREAT | O_TRUNC);
    char text[600] = {};
    check(write(file, text, 600) == 600 && write(file, text, 600) == 400, "up to the limit");
    check(error_of(write(file, text, 1)) == EFBIG && excess_signals == 1, "nothing beyond it, with a signal");
    check(error_of(pwrite(file, text, 1, 5000)) == EFBIG && excess_signals == 2, "at no offset");
    check(error_of(ftruncate(file, 1001)) == EFBIG && excess_signals == 3 && ftruncate(file, 1000) == 0, "by no other call");
    check(error_of(fallocate(file, 0, 0, 1001)) == EFBIG && excess_signals == 4, "nor this");
    check(pwrite(file, text, 600, 100) == 600 && excess_signals == 4, "what is below it can be written again");
    signal(SIGXFSZ, SIG_DFL);
    const int status = deeds::status_of_child([&] { pwrite(file, text, 1, 5000); });
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ, "the signal ends a process that does not expect it");
}

int limited_to(rlim_t descriptors)
{
    const rlimit limit{descriptors, 1024};
    return setrlimit(RLIMIT_NOFILE, &limit);
}

void descriptors()
{
    const int file = open_in("file");
    check(error_of(dup3(file, file, 0)) == EINVAL && error_of(dup3(file, 20, O_NONBLOCK)) == EINVAL, "dup3");
    check(dup3(file, 20, O_CLOEXEC) == 20 && fcntl(20, F_GETFD) == FD_CLOEXEC, "dup3 with O_CLOEXEC");
    check(fcntl(file, F_DUPFD_CLOEXEC, 30) == 30 && fcntl(30, F_GETFD) == FD_CLOEXEC, "F_DUPFD_CLOEXEC");
    check(limited_to(40) == 0, "a limit");
    check(error_of(fcntl(file, F_DUPFD, 40)) == EINVAL && error_of(fcntl(file, F_DUPFD_CLOEXEC, -1)) == EINVAL, "F_DUPFD beyond it");
    check(error_of(dup2(file, 40)) == EBADF && dup2(file, 39) == 39, "dup2 beyond it");
    check(error_of(fcntl(file, F_DUPFD, 39)) == EMFILE, "no descriptor is free");
    while (dup(file) >= 0) {
    }
    int ends[2];
    check(errno == EMFILE && error_of(open_in("file")) == EMFILE && error_of(pipe(ends)) == EMFILE, "none at all");
    check(fcntl(39, F_GETFD) >= 0 && fcntl(40, F_GETFD) < 0, "the last one is below the limit");
    const rlimit beyond{2000, 2000};
    check(error_of(setrlimit(RLIMIT_NOFILE, &beyond)) == EPERM, "more than there can be");
    check(limited_to(1024) == 0, "the former limit");

    check(error_of_call(SYS_close_range, 10, 9, 0) == EINVAL && error_of_call(SYS_close_range, 10, 11, 8) == EINVAL, "close_range");
    check(error_of_call(SYS_close_range, 35, 36, 4) == 0 && fcntl(35, F_GETFD) == FD_CLOEXEC && fcntl(37, F_GETFD) == 0,
          "CLOSE_RANGE_CLOEXEC");
    check(error_of_call(SYS_close_range, 35, ~0u, 0) == 0 && fcntl(34, F_GETFD) >= 0 && fcntl(35, F_GETFD) < 0 && fcntl(39, F_GETFD) < 0,
          "a range is closed");
    const pid_t sharer = static_cast<pid_t>(syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));
    if (sharer == 0)
        _exit(error_of_call(SYS_close_range, file, file, CLOSE_RANGE_UNSHARE) == 0 && fcntl(file, F_GETFD) < 0 ? 0 : 1);
    check(deeds::status_of(sharer) == 0 && fcntl(file, F_GETFD) >= 0, "CLOSE_RANGE_UNSHARE spares the other process");
}

void at_flags()
{
    close(open_in("file"));
    const std::string name = in_folder("file");
    struct stat status {};
    char buffer[256];
    check(error_of_call(SYS_newfstatat, AT_FDCWD, name.c_str(), &status, 0x400) == EINVAL, "newfstatat");
    check(error_of_call(SYS_statx, AT_FDCWD, name.c_str(), 0x400, 0x7ff, buffer) == EINVAL &&
              error_of_call(SYS_statx, AT_FDCWD, name.c_str(), 0x6000, 0x7ff, buffer) == EINVAL &&
              error_of_call(SYS_statx, AT_FDCWD, name.c_str(), 0, 0x80000000u, buffer) == EINVAL,
          "statx");
    check(error_of_call(SYS_fchownat, AT_FDCWD, name.c_str(), -1, -1, 0x200) == EINVAL, "fchownat");
    check(error_of_call(SYS_faccessat2, AT_FDCWD, name.c_str(), 0, 0x400) == EINVAL, "faccessat2");
    check(error_of_call(SYS_linkat, AT_FDCWD, name.c_str(), AT_FDCWD, "/tmp/calls/l", 0x100) == EINVAL, "linkat");
    check(error_of_call(SYS_unlinkat, AT_FDCWD, name.c_str(), 0x100) == EINVAL, "unlinkat");
    check(error_of_call(SYS_utimensat, AT_FDCWD, name.c_str(), nullptr, 0x200) == EINVAL &&
              error_of_call(SYS_utimensat, open_in("file"), nullptr, nullptr, 0x100) == EINVAL,
          "utimensat");
    timespec times[2] = {{0, 1'000'000'000}, {0, 0}};
    check(error_of(utimensat(AT_FDCWD, name.c_str(), times, 0)) == EINVAL, "nanoseconds that are none");
    check(error_of_call(SYS_umount2, "/mnt", 16) == EINVAL, "umount2");
    check(error_of_call(SYS_mknodat, AT_FDCWD, "/tmp/calls/m", S_IFDIR | 0755, 0) == EPERM &&
              error_of_call(SYS_mknodat, AT_FDCWD, "/tmp/calls/m", S_IFLNK | 0755, 0) == EINVAL &&
              error_of_call(SYS_mknodat, AT_FDCWD, "/tmp/calls/m", 0150000, 0) == EINVAL,
          "mknodat");
    const int directory = open(folder.c_str(), O_RDONLY | O_DIRECTORY);
    check(error_of_call(SYS_getdents64, directory, buffer, 20) == EINVAL, "getdents64 without room for one entry");
    check(error_of_call(SYS_getdents64, open_in("file"), buffer, 200) == ENOTDIR, "getdents64 of a file");
}

void copies()
{
    const int from = open_in("from", O_RDWR | O_CREAT | O_TRUNC);
    const int to = open_in("to", O_RDWR | O_CREAT | O_TRUNC);
    check(write(from, "0123456789", 10) == 10, "written");
    off_t start = 2;
    check(sendfile(to, from, &start, 5) == 5 && start == 7 && lseek(from, 0, SEEK_CUR) == 10 && lseek(to, 0, SEEK_CUR) == 5, "sendfile");
    int ends[2];
    check(pipe(ends) == 0, "a pipe");
    check(error_of(sendfile(to, ends[0], nullptr, 1)) == EINVAL && error_of(sendfile(to, ends[0], &start, 1)) == ESPIPE, "from a pipe");
    check(error_of(sendfile(open_in("to", O_WRONLY | O_APPEND), from, &start, 1)) == EINVAL, "behind the end");
    check(error_of(sendfile(open_in("to", O_RDONLY), from, &start, 1)) == EBADF, "to what is not for writing");

    loff_t in = 0;
    loff_t out = 20;
    check(copy_file_range(from, &in, to, &out, 10, 0) == 10 && in == 10 && out == 30, "copy_file_range");
    in = 0;
    out = 5;
    check(error_of(copy_file_range(from, &in, from, &out, 6, 0)) == EINVAL && copy_file_range(from, &in, from, &out, 5, 0) == 5,
          "within one file");
    check(error_of(copy_file_range(from, &in, to, &out, 1, 1)) == EINVAL, "flags that are none");
    check(error_of(copy_file_range(ends[0], nullptr, to, &out, 1, 0)) == EINVAL, "from a pipe");
    check(error_of(copy_file_range(open(folder.c_str(), O_RDONLY), nullptr, to, &out, 1, 0)) == EISDIR, "from a directory");
    check(error_of(copy_file_range(from, &in, open_in("to", O_WRONLY | O_APPEND), nullptr, 1, 0)) == EBADF, "behind the end");
    check(error_of_call(SYS_splice, ends[0], nullptr, to, nullptr, 1, 0) == ENOSYS, "splice");
}

void appending()
{
    const int file = open_in("appended", O_RDWR | O_CREAT | O_TRUNC | O_APPEND);
    char text[8] = {};
    check(write(file, "abc", 3) == 3 && pwrite(file, "d", 1, 0) == 1, "written");
    check(pread(file, text, 8, 0) == 4 && std::memcmp(text, "abcd", 4) == 0, "pwrite appends, too");
    check(lseek(file, 0, SEEK_CUR) == 3, "and leaves the position");
}

void vector_flags()
{
    const int file = open_in("vectors", O_RDWR | O_CREAT | O_TRUNC);
    char text[8] = "abcdefg";
    const iovec parts[2] = {{text, 2}, {text + 2, 2}};
    check(pwritev2(file, parts, 2, 0, 0) == 4 && lseek(file, 0, SEEK_CUR) == 0, "at an offset");
    check(pwritev2(file, parts, 2, -1, RWF_DSYNC) == 4 && lseek(file, 0, SEEK_CUR) == 4, "at the file's position");
    check(pwritev2(file, parts, 1, 0, RWF_APPEND | RWF_SYNC) == 2 && lseek(file, 0, SEEK_CUR) == 4, "behind the end");
    check(pwritev2(file, parts, 1, -1, RWF_APPEND) == 2 && lseek(file, 0, SEEK_CUR) == 8, "behind the end, with the position");
    char got[16] = {};
    const iovec all_of_it{got, sizeof got};
    check(preadv2(file, &all_of_it, 1, 0, RWF_HIPRI) == 8 && std::memcmp(got, "abcdabab", 8) == 0, "all of it is there");
    check(error_of(preadv2(file, &all_of_it, 1, 0, RWF_NOWAIT)) == EOPNOTSUPP && error_of(preadv2(file, &all_of_it, 1, 0, 64)) == EOPNOTSUPP,
          "flags that are none");
    check(error_of(preadv2(file, &all_of_it, 1, -2, 0)) == EINVAL, "an offset that is none");
    check(error_of(pwritev2(open_in("vectors", O_RDONLY), parts, 1, 0, RWF_APPEND)) == EBADF, "not for writing");
    int ends[2];
    check(pipe(ends) == 0 && error_of(pwritev2(ends[1], parts, 1, 0, 0)) == ESPIPE && pwritev2(ends[1], parts, 1, -1, 0) == 2, "of a pipe");
}

void mappings()
{
    const int file = open_in("mapped", O_RDWR | O_CREAT | O_TRUNC);
    check(ftruncate(file, 8192) == 0, "two pages");
    const auto map = [&](int flags, int descriptor) {
        void* const memory = mmap(nullptr, 8192, PROT_READ | PROT_WRITE, flags, descriptor, 0);
        return memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
    };
    char* const memory = map(MAP_SHARED_VALIDATE, file);
    check(memory != nullptr, "MAP_SHARED_VALIDATE");
    check(map(MAP_SHARED_VALIDATE | MAP_SYNC, file) == nullptr && errno == EOPNOTSUPP, "a flag that is none");
    check(map(0, file) == nullptr && errno == EINVAL && map(MAP_SHARED_VALIDATE | MAP_ANONYMOUS, -1) == nullptr && errno == EINVAL, "types");
    check(map(MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1) == nullptr && errno == ENOMEM, "huge pages");
    check(mmap(memory, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED && errno == EEXIST,
          "MAP_FIXED_NOREPLACE");
    std::memcpy(memory, "text", 4);
    char text[4] = {};
    check(msync(memory, 8192, MS_SYNC) == 0 && pread(file, text, 4, 0) == 4 && std::memcmp(text, "text", 4) == 0, "msync");
    check(error_of(msync(memory, 8192, MS_SYNC | MS_ASYNC)) == EINVAL && error_of(msync(memory, 8192, 8)) == EINVAL &&
              error_of(msync(memory + 1, 1, MS_SYNC)) == EINVAL,
          "wrong uses of msync");
    check(munmap(memory + 4096, 4096) == 0 && error_of(msync(memory, 8192, MS_SYNC)) == ENOMEM, "a hole");
    check(madvise(memory, 4096, MADV_RANDOM) == 0 && error_of(madvise(memory, 8192, MADV_RANDOM)) == ENOMEM &&
              error_of(madvise(memory, 4096, 4711)) == EINVAL && error_of(madvise(memory, 4096, MADV_HUGEPAGE)) == EINVAL &&
              error_of(madvise(memory, 4096, MADV_DONTFORK)) == EINVAL,
          "advice");
}

constexpr deeds::Deed all[] = {
    {"path-descriptors", path_descriptors}, {"open-flags", open_flags},   {"unnamed-files", unnamed_files}, {"renames", renames},
    {"sizes", sizes},                       {"size-limit", size_limit},   {"descriptors", descriptors},     {"at-flags", at_flags},
    {"copies", copies},                     {"appending", appending},
    {"vector-flags", vector_flags},         {"mappings", mappings},
};

}  // namespace

int main(int argc, char** argv)
{
    return deeds::run(all, argc > 1 ? argv[1] : "all");
}
