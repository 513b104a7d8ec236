// Record and whole-file locks, as fcntl and flock give them: who stands in whose way, who waits, and when locks go.

#include <cstring>
#include <fstream>
#include <functional>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <time.h>

#include "tests/boot/programs/deeds.h"

namespace {

using deeds::check;

constexpr const char* name = "/tmp/locked";

int open_file(int flags = O_RDWR)
{
    return open(name, flags | O_CREAT | O_CLOEXEC, 0600);
}

struct flock range(short type, off_t start, off_t length)
{
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = start;
    lock.l_len = length;
    return lock;
}

// 0, or the errno.
int set(int file, short type, off_t start, off_t length, int command = F_SETLK)
{
    auto lock = range(type, start, length);
    return fcntl(file, command, &lock) == 0 ? 0 : errno;
}

int whole(int file, int operation)
{
    return flock(file, operation) == 0 ? 0 : errno;
}

// What another process sees.
int in_child(const std::function<int()>& body)
{
    const int status = deeds::status_of(deeds::start_child([&] { _exit(body()); }));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int taken_from_child(short type, off_t start, off_t length)
{
    return in_child([=] { return set(open_file(), type, start, length); });
}

void records()
{
    const int file = open_file();
    check(set(file, F_WRLCK, 10, 10) == 0, "a free range can be had");
    check(taken_from_child(F_RDLCK, 19, 1) == EAGAIN, "a written byte cannot be read-locked");
    check(taken_from_child(F_WRLCK, 20, 0) == 0 && taken_from_child(F_WRLCK, 0, 10) == 0, "what lies beside it can");
    check(set(file, F_RDLCK, 12, 2) == 0, "a part changes its type");
    check(taken_from_child(F_RDLCK, 12, 2) == 0, "readers share");
    check(taken_from_child(F_WRLCK, 13, 1) == EAGAIN, "a reader keeps writers out");
    check(set(file, F_UNLCK, 15, 1) == 0 && taken_from_child(F_WRLCK, 15, 1) == 0, "a hole in the middle is free");
    const int seen = in_child([] {
        auto lock = range(F_WRLCK, 0, 0);
        fcntl(open_file(), F_GETLK, &lock);
        return lock.l_type == F_WRLCK && lock.l_start == 10 && lock.l_len == 2 && lock.l_pid == getppid() ? 0 : 1;
    });
    check(seen == 0, "F_GETLK tells who holds the first lock in the way");
    auto own = range(F_WRLCK, 0, 0);
    check(fcntl(file, F_GETLK, &own) == 0 && own.l_type == F_UNLCK, "one's own locks are in nobody's way");
}

void wrong_records()
{
    const int file = open_file();
    check(set(file, 7, 0, 0) == EINVAL, "a type that is none");
    check(set(file, F_WRLCK, -1, 1) == EINVAL, "a start before the file");
    check(set(file, F_WRLCK, 5, -6) == EINVAL, "a length that reaches before the file");
    check(set(file, F_WRLCK, 5, -5) == 0, "a negative length lies before the start");
    check(taken_from_child(F_WRLCK, 4, 1) == EAGAIN && taken_from_child(F_WRLCK, 5, 1) == 0, "and ends before it");
    check(set(file, F_WRLCK, 0x7fffffffffffffff, 2) == EOVERFLOW, "an end beyond all offsets");
    check(set(open_file(O_RDONLY), F_WRLCK, 0, 0) == EBADF, "a write lock without writing");
    check(set(open_file(O_WRONLY), F_RDLCK, 0, 0) == EBADF, "a read lock without reading");
    check(fcntl(file, F_SETLK, nullptr) == -1 && errno == EFAULT, "a bad pointer");
    auto lock = range(F_WRLCK, 0, 0);
    lock.l_pid = 1;
    check(fcntl(file, F_OFD_SETLK, &lock) == -1 && errno == EINVAL, "a description's lock has no process");
}

void closing()
{
    const int file = open_file();
    check(set(file, F_WRLCK, 0, 0) == 0, "locked");
    close(open_file());
    check(taken_from_child(F_WRLCK, 0, 0) == 0, "closing any descriptor of the file gives up the process's records");
    check(set(file, F_WRLCK, 0, 0) == 0, "locked again");
    dup2(open_file(), open_file());
    check(taken_from_child(F_WRLCK, 0, 0) == 0, "so does replacing one");
    const pid_t child = deeds::start_child([] {
        set(open_file(), F_WRLCK, 0, 0);
        whole(open_file(), LOCK_EX);
    });
    deeds::status_of(child);
    check(set(file, F_WRLCK, 0, 0) == 0 && whole(file, LOCK_EX | LOCK_NB) == 0, "the end of a process gives up its locks");
    check(in_child([&] { return set(file, F_WRLCK, 0, 0); }) == EAGAIN, "a child does not inherit records");
}

void descriptions()
{
    const int first = open_file();
    const int second = open_file();
    check(set(first, F_WRLCK, 0, 10, F_OFD_SETLK) == 0, "a free range can be had");
    check(set(second, F_RDLCK, 5, 1, F_OFD_SETLK) == EAGAIN, "two descriptions of one process stand against each other");
    check(set(second, F_RDLCK, 5, 1) == EAGAIN, "a process's record and a description's, too");
    close(open_file());
    check(set(second, F_RDLCK, 5, 1, F_OFD_SETLK) == EAGAIN, "another close changes nothing");
    const int copy = dup(first);
    close(first);
    check(set(second, F_RDLCK, 5, 1, F_OFD_SETLK) == EAGAIN, "a copy keeps it");
    close(copy);
    check(set(second, F_RDLCK, 5, 1, F_OFD_SETLK) == 0, "the last close gives it up");
}

void whole_files()
{
    const int first = open_file();
    const int second = open_file();
    check(whole(first, LOCK_SH) == 0 && whole(second, LOCK_SH | LOCK_NB) == 0, "readers share");
    check(whole(second, LOCK_EX | LOCK_NB) == EWOULDBLOCK, "a writer does not");
    check(whole(second, LOCK_UN) == 0 && whole(first, LOCK_EX | LOCK_NB) == 0, "the only one may change the type");
    check(whole(second, LOCK_SH | LOCK_NB) == EWOULDBLOCK, "and keeps everybody out");
    check(set(second, F_WRLCK, 0, 0) == 0, "records are another kind");
    check(whole(dup(first), LOCK_UN) == 0 && whole(second, LOCK_EX | LOCK_NB) == 0, "a copy gives it up");
    check(whole(second, LOCK_SH | LOCK_EX) == EINVAL && whole(second, 0) == EINVAL, "an operation that is none");
    check(whole(-1, LOCK_SH) == EBADF, "a descriptor that is none");
}

long milliseconds()
{
    timespec now {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

void nothing(int, siginfo_t*, void*) {}

void waiting()
{
    const int file = open_file();
    check(set(file, F_WRLCK, 0, 1) == 0, "locked");
    const pid_t waiter = deeds::start_child([] {
        const long start = milliseconds();
        check(set(open_file(), F_WRLCK, 0, 0, F_SETLKW) == 0, "a waiter gets it");
        check(milliseconds() - start >= 100, "when it is free");
    });
    usleep(300'000);
    std::string line;
    std::ifstream locks("/proc/locks");
    bool shown = false;
    while (std::getline(locks, line))
        shown |= line.find("-> POSIX  ADVISORY  WRITE") != std::string::npos;
    check(shown, "/proc/locks shows who waits");
    check(set(file, F_UNLCK, 0, 0) == 0 && deeds::status_of(waiter) == 0, "the waiter is woken");

    check(whole(file, LOCK_EX) == 0 && set(file, F_WRLCK, 0, 0) == 0, "locked");
    for (const bool restarts : {false, true}) {
        const pid_t interrupted = deeds::start_child([=] {
            deeds::handle(SIGALRM, nothing, restarts ? SA_RESTART : 0);
            ualarm(50'000, 50'000);
            const int result = restarts ? set(open_file(), F_WRLCK, 0, 0, F_SETLKW) : whole(open_file(), LOCK_EX);
            check(result == (restarts ? 0 : EINTR), "a signal interrupts, and restarts with SA_RESTART");
        });
        usleep(300'000);
        if (restarts)
            set(file, F_UNLCK, 0, 0);
        check(deeds::status_of(interrupted) == 0, "interrupted");
    }
    const pid_t killed = deeds::start_child([] { whole(open_file(), LOCK_EX); });
    usleep(100'000);
    kill(killed, SIGKILL);
    check(WIFSIGNALED(deeds::status_of(killed)), "a waiter can be killed");
}

// 1 -> 2 -> 3 -> 1: whoever closes the circle is refused, and the others go on.
void deadlock()
{
    int ready[2];
    int go[2];
    check(pipe(ready) == 0 && pipe(go) == 0, "pipes");
    const auto member = [&](int index) {
        const int file = open_file();
        check(set(file, F_WRLCK, index, 1) == 0, "one's own byte");
        char byte = 'x';
        check(write(ready[1], &byte, 1) == 1 && read(go[0], &byte, 1) == 1, "all have theirs");
        return set(file, F_WRLCK, (index + 1) % 3, 1, F_SETLKW);
    };
    pid_t children[3];
    for (int index = 0; index < 3; ++index)
        children[index] = deeds::start_child([&] { _exit(member(index)); });
    char bytes[3];
    for (char& byte : bytes)
        check(read(ready[0], &byte, 1) == 1, "ready");
    check(write(go[1], bytes, 3) == 3, "go");
    int refused = 0;
    for (const pid_t child : children) {
        const int status = deeds::status_of(child);
        check(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == EDEADLK), "granted or refused");
        refused += WIFEXITED(status) && WEXITSTATUS(status) == EDEADLK ? 1 : 0;
    }
    check(refused == 1, "one of the circle is refused");
}

// Many processes count in one file; without real locks some counts are lost.
void contention()
{
    constexpr int rounds = 100;
    const int file = open_file();
    check(ftruncate(file, 0) == 0, "an empty file");
    const auto count = [](bool records) {
        const int mine = open_file();
        for (int round = 0; round < rounds; ++round) {
            check((records ? set(mine, F_WRLCK, 0, 0, F_SETLKW) : whole(mine, LOCK_EX)) == 0, "locked");
            int value = 0;
            check(pread(mine, &value, sizeof value, records ? 0 : 8) >= 0, "read");
            if (round % 16 == 0)
                usleep(1);
            ++value;
            check(pwrite(mine, &value, sizeof value, records ? 0 : 8) == sizeof value, "written");
            check((records ? set(mine, F_UNLCK, 0, 0) : whole(mine, LOCK_UN)) == 0, "unlocked");
        }
    };
    pid_t children[8];
    for (int index = 0; index < 8; ++index)
        children[index] = deeds::start_child([&] { count(index % 2 == 0); });
    for (const pid_t child : children)
        check(deeds::status_of(child) == 0, "a counter");
    int value = 0;
    check(pread(file, &value, sizeof value, 0) == sizeof value && value == 4 * rounds, "no count under a record lock is lost");
    check(pread(file, &value, sizeof value, 8) == sizeof value && value == 4 * rounds, "no count under a whole-file lock is lost");
}

constexpr deeds::Deed all[] = {
    {"records", records},           {"wrong-records", wrong_records}, {"closing", closing},   {"descriptions", descriptions},
    {"whole-files", whole_files},   {"waiting", waiting},             {"deadlock", deadlock}, {"contention", contention},
};

}  // namespace

int main(int argc, char** argv)
{
    return deeds::run(all, argc > 1 ? argv[1] : "all");
}
