// Modules come and go while others do what may keep them from it: an ordinary user who reads of them, or keeps every processor busy, and
// whoever changes what is being loaded.
#include <cstring>
#include <ctime>
#include <vector>

#include <elf.h>
#include <sched.h>

#include "tests/boot/programs/crowd.h"
#include "tests/boot/programs/module_calls.h"
#include "tests/boot/programs/user.h"

namespace {

using namespace deeds;

constexpr time_t duration = 2;  // seconds, of each deed

void spin(int turns)
{
    for (int turn = 0; turn < turns; ++turn)
        asm volatile("");
}

void bind_to(int processor)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    check(sched_setaffinity(0, sizeof set, &set) == 0, "stay on a processor");
}

// Who only looks at a module's parameters does not keep root from removing it.
void users_read_parameters()
{
    const std::string image = modules::contents("/tests/modules/hello.ko");
    Crowd crowd;
    for (int i = 0; i < 6; ++i)
        crowd.add([] {
            static bool done = false;
            if (!done) {
                become(ordinary_user, ordinary_group);
                done = true;
            }
            const int file = open("/sys/module/hello/parameters/who", O_RDONLY);
            char text[64];
            for (int round = 0; file >= 0 && round < 1000; ++round)
                if (pread(file, text, sizeof text, 0) < 0)
                    break;
            close(file);
        });
    int refused = 0;
    const time_t end = time(nullptr) + duration;
    int rounds = 0;
    for (; time(nullptr) < end && failures == 0; ++rounds) {
        check((errno = modules::load(image)) == 0, "a load");
        usleep(2000);
        int error;
        while ((error = modules::remove("hello")) == EAGAIN)
            ++refused;
        check((errno = error) == 0, "a removal");
    }
    std::printf("%d rounds, %d refusals\n", rounds, refused);
    check(refused == 0, "no removal is refused because somebody reads");
}

long milliseconds_of(const std::function<void()>& body)
{
    timespec begin{}, end{};
    clock_gettime(CLOCK_MONOTONIC, &begin);
    body();
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000;
}

// A user's idle readers hold what loads and removals need, and his spinners keep them from going on.
void idle_readers_and_spinners()
{
    const std::string image = modules::contents("/tests/modules/ext2.ko");
    const std::string other = modules::contents("/tests/modules/crc16.ko");
    check(modules::load(other) == 0, "what it stands on");
    long longest = 0;
    int rounds = 0;
    {
        Crowd crowd;
        for (int i = 0; i < 24; ++i)
            crowd.add([i] {
                become(ordinary_user, ordinary_group);
                bind_to(i % 4);
                if (i >= 12) {
                    const sched_param none{};
                    check(sched_setscheduler(0, SCHED_IDLE, &none) == 0, "idle");
                    for (;;)
                        for (const char* name : {"/proc/modules", "/proc/kallsyms", "/sys/module/ext2/coresize", "/sys/module/ext2/sections/.text"})
                            modules::contents(name);
                }
                for (;;)
                    asm volatile("");
            });
        const time_t end = time(nullptr) + duration;
        for (; time(nullptr) < end && failures == 0; ++rounds) {
            const long load = milliseconds_of([&] { check((errno = modules::load(image)) == 0, "a load"); });
            const long list = milliseconds_of([&] { modules::contents("/proc/modules"); });
            const long removal = milliseconds_of([&] { check((errno = modules::remove("ext2")) == 0, "a removal"); });
            longest = std::max({longest, load, list, removal});
        }
    }
    std::printf("%d rounds, longest %ld ms\n", rounds, longest);
    check(longest < 2000, "nothing takes long");
    check(modules::remove("crc16") == 0, "it goes");
}

// The file changes while it is read: what was checked is what is used.
void image_changes()
{
    const std::string file = modules::contents("/tests/modules/ext2.ko");
    check(modules::load_file("/tests/modules/crc16.ko") == 0, "what it stands on");
    char* const image = map_memory(file.size() + page, MAP_SHARED);
    std::memcpy(image, file.data(), file.size());
    Elf64_Ehdr header;
    std::memcpy(&header, file.data(), sizeof header);
    struct Place {
        std::size_t at;
        std::size_t size;
    };
    std::vector<Place> places;
    for (int index = 1; index < header.e_shnum; ++index) {
        const std::size_t at = header.e_shoff + static_cast<std::size_t>(index) * sizeof(Elf64_Shdr);
        Elf64_Shdr section;
        std::memcpy(&section, file.data() + at, sizeof section);
        for (const std::size_t field : {offsetof(Elf64_Shdr, sh_offset), offsetof(Elf64_Shdr, sh_size)})
            places.push_back({at + field, 8});
        places.push_back({at + offsetof(Elf64_Shdr, sh_name), 4});
        if (section.sh_type == SHT_RELA)
            for (std::size_t entry = 0; entry < section.sh_size; entry += sizeof(Elf64_Rela)) {
                places.push_back({section.sh_offset + entry, 8});
                places.push_back({section.sh_offset + entry + 8, 4});
                places.push_back({section.sh_offset + entry + 12, 4});
            }
        if (section.sh_type == SHT_SYMTAB)
            for (std::size_t entry = sizeof(Elf64_Sym); entry < section.sh_size; entry += sizeof(Elf64_Sym))
                places.push_back({section.sh_offset + entry, 4});
    }
    Crowd crowd;
    for (unsigned i = 0; i < 3; ++i)
        crowd.add([&, i] {
            static unsigned seed = i + 1;
            const Place place = places[static_cast<std::size_t>(rand_r(&seed)) % places.size()];
            for (int turn = rand_r(&seed) % 200; turn > 0; --turn) {
                std::memset(image + place.at, 0x7f, place.size);
                spin(300);
                std::memcpy(image + place.at, file.data() + place.at, place.size);
                spin(3000);
            }
        });
    const time_t end = time(nullptr) + duration;
    int loaded = 0, refused = 0;
    while (time(nullptr) < end && failures == 0) {
        const int error = modules::errno_of(syscall(SYS_init_module, image, file.size(), ""));
        check((errno = error) == 0 || error == ENOEXEC || error == ENOENT || error == ENOMEM, "a load of what changes");
        loaded += error == 0;
        refused += error != 0;
        if (error == 0)
            check((errno = modules::remove("ext2")) == 0, "a removal");
    }
    std::printf("%d loaded, %d refused\n", loaded, refused);
    check(modules::remove("crc16") == 0, "nobody stands on it");
}

constexpr Deed all[] = {
    {"users-read-parameters", users_read_parameters},
    {"idle-readers", idle_readers_and_spinners},
    {"image-changes", image_changes},
};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
