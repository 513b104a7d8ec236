// Prints what the kernel calls random. Arguments: `auxiliary` for the bytes of AT_RANDOM; a number of flags for what getrandom(2) gave with
// them, `device` for what a read of /dev/random that does not wait gave: "16" or the error. `random_values fixed PROGRAM [ARGUMENT]...`
// executes that program without address randomisation.

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/personality.h>
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
    if (argc > 2 && std::strcmp(argv[1], "fixed") == 0) {
        if (personality(ADDR_NO_RANDOMIZE) < 0 || (personality(0xffffffff) & ADDR_NO_RANDOMIZE) == 0)
            return 1;
        execv(argv[2], argv + 2);
        return 1;
    }
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
