// How much pipes hold, and who may change it (fcntl(2), F_SETPIPE_SZ; pipe(7)).

#include <cstring>
#include <string>
#include <vector>

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
    set_limit("user-pages-soft", 1);
    as_user([] {
        const Pipe first;
        std::vector<char> bytes(65536);
        check(first.size() == 65536 && write(first.writer, bytes.data(), bytes.size()) == 65536, "a pipe within the share");
        refused(first.resize(1 << 17), EPERM, "cannot grow beyond it");
        const Pipe second;
        check(second.size() == 2 * page, "and others are small");
    });
    const Pipe another_of_root;
    check(another_of_root.size() == 65536, "but not root's");
    set_limit("user-pages-soft", 16384);
}

constexpr deeds::Deed all[] = {{"sizes", sizes}, {"contents", contents}, {"waiting", waiting}, {"limits", limits}};

}  // namespace

int main(int argc, char** argv)
{
    return deeds::run(all, argc == 2 ? argv[1] : "all");
}
