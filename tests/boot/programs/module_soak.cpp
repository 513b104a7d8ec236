// Loads and removes modules at random on all processors, in every way that the system calls allow and many that they refuse, while others
// read what the system says about modules, write parameters, mount file systems, kill processes amid a load and take nearly all memory.
// module_soak [SECONDS [SEED [WORKERS]]]; every worker's acts follow from the seed. In the end everything is removed again, and
// nothing may be left.
#include "tests/boot/programs/deeds.h"
#include "tests/boot/programs/module_calls.h"
#include "tests/boot/programs/soak_checks.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <dirent.h>
#include <sys/mount.h>

namespace {

using namespace deeds;

constexpr int module_in_zstd = 4;  // finit_module's MODULE_INIT_COMPRESSED_FILE
constexpr const char* disk = "/dev/vda";

// The modules that can be loaded at any time, and what goes wrong with those that cannot. 0: nothing.
struct Subject {
    const char* name;
    const char* folder;  // of the compressed file, below /lib/modules/RELEASE/kernel; null when there is none
    const char* parameters;
    int error;
};
constexpr Subject subjects[] = {
    {"hello", "samples", "who=soak times=2", 0},
    {"crc16", "lib", "", 0},
    {"ext2", "fs", "", 0},
    {"virtio_blk", "drivers/block", "", 0},
    {"needs_crc16", nullptr, "nonsense=1", 0},
    {"start_heavy", nullptr, "", 0},
    {"guarded", nullptr, "start_address=0xdead0000", 0},
    {"failing_init", nullptr, "error=19", ENODEV},
    {"failing_constructor", nullptr, "", ENODEV},
    {"unknown_symbol", nullptr, "", ENOENT},
    {"far_reference", nullptr, "", ENOEXEC},
};
constexpr std::size_t loadable = 7;

std::string path_of(const Subject& subject)
{
    return std::string("/tests/modules/") + subject.name + ".ko";
}

std::vector<std::string> images;  // of the subjects

// What all workers have done, for the last line.
struct Counts {
    std::atomic<unsigned long> acts, loads, refusals, starved, removals, reads, mounts, kills, lost;
};
Counts* counts;

class Worker {
public:
    // The first worker makes the others starve now and then.
    Worker(std::uint64_t seed, unsigned number)
        : random_(seed), place_("/tmp/soak" + std::to_string(number)), starves_(number == 0)
    {
        mkdir(place_.c_str(), 0700);
    }
    ~Worker() { drop_held(); }

    void act()
    {
        ++counts->acts;
        switch (below(16)) {
        case 0: return read_lists();
        case 1: return read_folder();
        case 2: return write_parameters();
        case 3: return mount_disk();
        case 4: return kill_a_loader();
        case 5: case 6: return starves_ ? take_memory() : run_modprobe();
        default: return load_and_remove();
        }
    }

private:
    // An open file below /sys/module/NAME.
    struct HeldFile {
        int file;
        std::string module;
    };

    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
    std::size_t any_subject() { return below(3) != 0 ? below(loadable) : below(std::size(subjects)); }

    void note_load(const Subject& subject, int error)
    {
        ++(error == 0 ? counts->loads : error == ENOMEM ? counts->starved : counts->refusals);
        // Another load or removal, no provider, no memory, a signal.
        const bool excused = error == EEXIST || error == EBUSY || error == ENOENT || error == ENOMEM || error == EINTR;
        errno = error;
        check(error == subject.error || excused, subject.name);
    }

    void load_and_remove()
    {
        for (unsigned more = below(32); more > 0; --more)
            switch (below(10)) {
            case 0: case 1: case 2: load_image(); break;
            case 3: case 4: load_file(); break;
            case 5: load_damaged(); break;
            default: remove_one();
            }
    }

    void load_image()
    {
        const std::size_t index = any_subject();
        note_load(subjects[index], modules::load(images[index], below(2) == 0 ? "" : subjects[index].parameters));
    }

    void load_file()
    {
        const Subject& subject = subjects[any_subject()];
        const char* const parameters = below(2) == 0 ? "" : subject.parameters;
        if (subject.folder == nullptr || below(2) == 0)
            return note_load(subject, modules::load_file(path_of(subject).c_str(), parameters));
        const std::string packed = soak::tree() + "/kernel/" + subject.folder + "/" + subject.name + ".ko.zst";
        note_load(subject, modules::load_file(packed.c_str(), parameters, below(2) == 0 ? module_in_zstd : 0));
    }

    // Never in code or data that a load would accept: what then happens would be the module's fault.
    void load_damaged()
    {
        const std::size_t index = any_subject();
        std::string image = images[index];
        switch (below(3)) {
        case 0: image.resize(below(static_cast<unsigned>(image.size()))); break;
        case 1: image[below(4)] ^= static_cast<char>(1 << below(8)); break;
        default: image.replace(image.find("vermagic=") + 9, 1, "?"); break;
        }
        const int error = modules::load(image);
        ++counts->refusals;
        errno = error;
        check(error == ENOEXEC || error == ENOMEM || error == EINTR, "a damaged module");
    }

    void remove_one()
    {
        constexpr unsigned flags[] = {0, O_NONBLOCK, O_NONBLOCK, O_NONBLOCK | O_TRUNC};
        const char* const name = subjects[any_subject()].name;
        const int error = modules::remove(name, flags[below(std::size(flags))]);
        errno = error;
        check(error == 0 || error == ENOENT || error == EAGAIN || error == EBUSY, "a removal");
        if (error != 0)
            return;
        ++counts->removals;
        for (const HeldFile& held : held_) {
            char byte;
            if (held.module == name)
                check(pread(held.file, &byte, 1, 0) == -1 && errno == ENODEV, "an open file of a module that is gone");
        }
    }

    void read_lists()
    {
        ++counts->reads;
        modules::contents(below(8) == 0 ? "/proc/kallsyms" : "/proc/modules");
    }

    void read_folder()
    {
        ++counts->reads;
        if (held_.size() > 20 || below(50) == 0)
            drop_held();
        const std::string module = subjects[below(loadable)].name;
        read_all(module, "/sys/module/" + module);
    }

    // Reads every file below the folder, and keeps some open.
    void read_all(const std::string& module, const std::string& folder)
    {
        DIR* const directory = opendir(folder.c_str());
        if (directory == nullptr)
            return;
        while (const dirent* entry = readdir(directory)) {
            const std::string path = folder + "/" + entry->d_name;
            if (entry->d_name[0] != '.' && entry->d_type == DT_DIR)
                read_all(module, path);
            else if (entry->d_type == DT_REG)
                read_and_maybe_hold(module, path);
        }
        closedir(directory);
    }

    void read_and_maybe_hold(const std::string& module, const std::string& path)
    {
        if (below(6) != 0) {
            modules::contents(path.c_str());
            return;
        }
        const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
        if (file >= 0)
            held_.push_back({file, module});
        char buffer[256];
        for (const HeldFile& held : held_)
            static_cast<void>(!pread(held.file, buffer, sizeof buffer, 0));
    }

    void drop_held()
    {
        for (const HeldFile& held : held_)
            close(held.file);
        held_.clear();
    }

    void write_parameters()
    {
        struct Write {
            const char* file;
            const char* text;
        };
        constexpr Write writes[] = {{"hello/parameters/who", "somebody else\n"},
                                    {"guarded/parameters/load", "0xdead0000\n"},
                                    {"guarded/parameters/store", "0xffff700000000000\n"},
                                    {"guarded/parameters/user", "0x10\n"}};
        const Write& chosen = writes[below(std::size(writes))];
        const int file = open((std::string("/sys/module/") + chosen.file).c_str(), O_WRONLY | O_CLOEXEC);
        if (file < 0)
            return;
        for (int i = 0; i < 3; ++i)
            static_cast<void>(!write(file, chosen.text, std::strlen(chosen.text)));
        close(file);
    }

    // Others are removing the driver and the file system meanwhile.
    void mount_disk()
    {
        for (const char* module : {"virtio_blk", "crc16", "ext2"})
            modules::load_file((std::string("/tests/modules/") + module + ".ko").c_str());
        if (mount(disk, place_.c_str(), "ext2", MS_RDONLY, nullptr) != 0)
            return;
        ++counts->mounts;
        const std::string text = modules::contents((place_ + "/hello.txt").c_str());
        check(text == "hello from ext2\n", "a file of the mounted disk");
        check_pinned();
        if (below(2) == 0)
            return use_detached();
        check(umount(place_.c_str()) == 0, "umount");
    }

    // What a module has registered can be in use before its load is over: then it is busy.
    void check_pinned()
    {
        errno = modules::remove("ext2");
        check(errno == EAGAIN || errno == EBUSY, "the file system is in use");
        errno = modules::remove("virtio_blk");
        check(errno == EAGAIN || errno == EBUSY, "the disk is in use");
    }

    // The file system outlives its mount as long as a file is open, and then as long as it is mapped.
    void use_detached()
    {
        const int file = open((place_ + "/hello.txt").c_str(), O_RDONLY | O_CLOEXEC);
        check(umount2(place_.c_str(), MNT_DETACH) == 0, "umount2 of what is in use");
        check_pinned();
        char* const mapped = map_memory(page, MAP_PRIVATE, file, PROT_READ);
        close(file);
        if (mapped == nullptr)
            return;
        check_pinned();
        check(std::memcmp(mapped, "hello", 5) == 0, "a file that is mapped and nothing else");
        munmap(mapped, page);
    }

    void kill_a_loader()
    {
        const auto seed = random_();
        const pid_t child = start_child([&] {
            random_.seed(seed);
            for (;;)
                below(2) == 0 ? load_image() : remove_one();
        });
        if (child < 0)
            return;
        usleep(below(20'000));
        kill(child, SIGKILL);
        status_of(child);
        ++counts->kills;
    }

    void run_modprobe()
    {
        const pid_t child = start_child([&] {
            const int quiet = open("/dev/null", O_RDWR);
            dup2(quiet, STDOUT_FILENO);
            dup2(quiet, STDERR_FILENO);
            const char* const name = below(2) == 0 ? "ext2" : "virtio_blk";
            if (below(2) == 0)
                execl("/sbin/modprobe", "modprobe", "-r", name, nullptr);
            execl("/sbin/modprobe", "modprobe", name, nullptr);
        });
        if (child > 0)
            status_of(child);
    }

    // Most of it, for a moment. What is left is enough for the others: who is ended when it is not is another matter.
    void take_memory()
    {
        const pid_t child = start_child([] {
            soak::take_memory(16 * 1024);
            usleep(50'000);
        });
        if (child > 0)
            status_of(child);
    }

    std::mt19937_64 random_;
    std::string place_;
    bool starves_;
    std::vector<HeldFile> held_;
};

pid_t start_worker(std::uint64_t seed, unsigned number, time_t end)
{
    return start_child([&] {
        Worker worker(seed + number, number);
        while (time(nullptr) < end && failures == 0)
            worker.act();
        for (const Subject& subject : subjects)
            modules::remove(subject.name);
        if (failures != 0)
            std::printf("module_soak: worker %u, seed %llu\n", number, static_cast<unsigned long long>(seed));
    });
}

// A worker that memory pressure has ended is replaced.
void run_workers(std::uint64_t seed, unsigned workers, time_t end)
{
    std::vector<pid_t> children;
    for (unsigned number = 0; number < workers; ++number)
        children.push_back(start_worker(seed, number, end));
    for (unsigned number = 0; number < workers; ++number) {
        int status = status_of(children[number]);
        while (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && time(nullptr) < end) {
            ++counts->lost;
            umount2(("/tmp/soak" + std::to_string(number)).c_str(), MNT_DETACH);
            status = status_of(start_worker(seed + 1000 * counts->lost, number, end));
        }
        check(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL), "a worker");
        umount2(("/tmp/soak" + std::to_string(number)).c_str(), MNT_DETACH);
    }
}

}  // namespace

int main(int argc, char** argv)
{
    const long seconds = argc > 1 ? std::atol(argv[1]) : 10;
    const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 0) : static_cast<std::uint64_t>(time(nullptr));
    const unsigned workers = argc > 3 ? static_cast<unsigned>(std::atoi(argv[3])) : 6;
    std::printf("module_soak: %ld s, seed %llu, %u workers\n", seconds, static_cast<unsigned long long>(seed), workers);
    for (const Subject& subject : subjects)
        images.push_back(modules::contents(path_of(subject).c_str()));
    counts = map_memory<Counts>(page, MAP_SHARED);
    soak::LogWatch log;
    run_workers(seed, workers, time(nullptr) + seconds);
    soak::remove_all();
    soak::check_nothing_is_left();
    log.check();
    std::printf("module_soak: %lu acts: %lu loads, %lu refused, %lu without memory, %lu removals, %lu readings, %lu mounts, "
                "%lu loaders killed, %lu workers lost\n",
                counts->acts.load(), counts->loads.load(), counts->refusals.load(), counts->starved.load(),
                counts->removals.load(), counts->reads.load(), counts->mounts.load(), counts->kills.load(), counts->lost.load());
    return failures == 0 ? 0 : 1;
}
