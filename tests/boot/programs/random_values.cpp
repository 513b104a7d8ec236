// Prints what the kernel calls random: `random_values auxiliary` the bytes of AT_RANDOM, `random_values FLAGS...` for each number of flags
// what getrandom(2) gave with them, for `device` what a read of /dev/random that does not wait gave: "16" or the error.

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <unistd.h>

namespace {

void print(const unsigned char* bytes)
{
    for (int i = 0; i < 16; ++i)
        std::printf("%02x", bytes[i]);
    std::printf("\n");
}

}  // namespace

int main(int argc, char** argv)
{
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "auxiliary") == 0) {
            print(reinterpret_cast<const unsigned char*>(getauxval(AT_RANDOM)));
            continue;
        }
        unsigned char bytes[16];
        const ssize_t size = std::strcmp(argv[i], "device") == 0
                                 ? read(open("/dev/random", O_RDONLY | O_NONBLOCK), bytes, sizeof bytes)
                                 : getrandom(bytes, sizeof bytes, static_cast<unsigned>(std::atoi(argv[i])));
        if (size < 0)
            std::printf("%s\n", strerrorname_np(errno));
        else
            std::printf("%zd\n", size);
    }
}
