// Loads and removals of the same modules on several processors at once, and readers of what the system says about them meanwhile. Each
// deed is one race, run many times.
#include "tests/boot/programs/deeds.h"
#include "tests/boot/programs/module_calls.h"
#include "tests/boot/programs/soak_checks.h"


#include <atomic>
#include <ctime>
#include <sys/prctl.h>
#include <vector>

namespace {

using namespace deeds;

constexpr time_t duration = 2;  // seconds, of each deed

bool is_one_of(int error, std::initializer_list<int> allowed)
{
    for (const int each : allowed)
        if (error == each)
            return true;
    return false;
}

// Does all of it over and over, in a process each, until the time is over.
void together(std::initializer_list<std::function<void()>> bodies)
{
    const time_t end = time(nullptr) + duration;
    std::vector<pid_t> children;
    for (const auto& body : bodies)
        children.push_back(start_child([&] {
            while (time(nullptr) < end && failures == 0)
                body();
        }));
    for (const pid_t child : children)
        check(status_of(child) == 0, "a process that took part");
}

void check_load(int error)
{
    errno = error;
    check(is_one_of(error, {0, EEXIST, EBUSY}), "a load of a module that others load and remove");
}

void check_removal(int error)
{
    errno = error;
    check(is_one_of(error, {0, ENOENT, EBUSY, EAGAIN}), "a removal of a module that others load and remove");
}

// The removal begins in the moment in which the module is live, when the load has its init memory still to give back.
void removal_follows_load()
{
    const std::string image = modules::contents("/tests/modules/start_heavy.ko");
    auto* const loads = map_memory<std::atomic<int>>(page, MAP_SHARED);
    const auto load = [&] {
        const int error = modules::load(image);
        check_load(error);
        *loads += error == 0;
    };
    const auto removal = [] { check_removal(modules::remove("start_heavy")); };
    together({load, removal, load, removal});
    check(*loads > 3, "loads came through");
    modules::remove("start_heavy");
}

void read_all_of(const char* module)
{
    const std::string folder = std::string("/sys/module/") + module;
    for (const char* file : {"/initstate", "/initsize", "/coresize", "/refcnt", "/srcversion", "/sections/.text",
                             "/sections/.init.text", "/sections/.init.data", "/parameters/who"})
        modules::contents((folder + file).c_str());
    access((folder + "/holders/needs_crc16").c_str(), F_OK);
}

// Dependencies and memory come and go while somebody reads of them.
void readers_and_removals()
{
    const std::string provider = modules::contents("/tests/modules/crc16.ko");
    const std::string user = modules::contents("/tests/modules/needs_crc16.ko");
    const std::string heavy = modules::contents("/tests/modules/start_heavy.ko");
    const auto rounds = [&] {
        check_load(modules::load(provider));
        check_load(modules::load(user));
        check_removal(modules::remove("needs_crc16"));
        check_removal(modules::remove("crc16"));
    };
    const auto heavy_rounds = [&] {
        check_load(modules::load(heavy));
        check_removal(modules::remove("start_heavy"));
    };
    const auto list = [] { modules::contents("/proc/modules"); };
    const auto look = [] {
        read_all_of("crc16");
        read_all_of("start_heavy");
    };
    together({rounds, heavy_rounds, list, look, look});
}

// The same module by another name of the same length.
void rename(std::string& image, const std::string& from, const std::string& to)
{
    for (auto at = image.find(from); at != image.npos; at = image.find(from, at))
        image.replace(at, to.size(), to);
}

// Loads file systems one after the other, each by a name of its own, until there is no memory; goes back to half of them, and again.
class ManyLoads {
public:
    // Touches what it will need, so that it takes no more memory for itself.
    explicit ManyLoads(char letter) : letter_(letter)
    {
        loaded_.resize(most);
        loaded_.clear();
        for (int i = 0; i < 10; ++i)
            load_one();
        remove_down_to(0);
    }

    // Counts the loads that found no memory. It goes on until there is one, however slow the machine is, unless `limit` is over, too.
    void run_until(time_t end, time_t limit, std::atomic<int>& refused)
    {
        for (time_t now = time(nullptr); (now < end || (refused == 0 && now < limit)) && failures == 0; now = time(nullptr)) {
            const int error = load_one();
            refused += error != 0;
            if (error != 0 || loaded_.size() == most)
                remove_down_to(loaded_.size() / 2);
        }
        remove_down_to(0);
    }

private:
    static constexpr std::size_t most = 200;

    int load_one()
    {
        char next[8];
        std::snprintf(next, sizeof next, "%c%03x", letter_, number_++ % 0x1000);
        rename(image_, name_, next);
        name_ = next;
        const int error = modules::load(image_);
        errno = error;
        check(error == 0 || error == ENOMEM, "a load");
        if (error == 0)
            loaded_.push_back(name_);
        return error;
    }

    void remove_down_to(std::size_t count)
    {
        for (; loaded_.size() > count; loaded_.pop_back())
            check((errno = modules::remove(loaded_.back().c_str())) == 0, "a removal");
    }

    char letter_;
    int number_ = 0;
    std::string image_ = modules::contents("/tests/modules/ext2.ko");
    std::string name_ = "ext2";
    std::vector<std::string> loaded_;
};

// Occupies memory, again when the kernel ends who has it because somebody else needs a page. Ends with its parent.
[[noreturn]] void eat_memory(std::atomic<bool>& is_short)
{
    sleep(1);
    for (;;) {
        const pid_t child = start_child([&] {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            soak::take_memory(2400);
            is_short = true;
            pause();
        });
        if (child < 0 || status_of(child) < 0)
            usleep(50'000);
    }
}

// Loads that fail for want of memory, wherever that may be, leave nothing. The processes are made while there is memory for that.
void memory_is_gone()
{
    auto* const refused = map_memory<std::atomic<int>>(page, MAP_SHARED);
    auto* const is_short = map_memory<std::atomic<bool>>(page, MAP_SHARED);
    *refused = 0;
    *is_short = false;  // both pages are there now
    check(modules::load_file("/tests/modules/crc16.ko") == 0, "what they all stand on");
    std::vector<pid_t> children;
    for (char letter = 'a'; letter < 'e'; ++letter)
        children.push_back(start_child([&] {
            ManyLoads loads(letter);
            check(soak::becomes_true([&] { return is_short->load(); }), "memory is short");
            loads.run_until(time(nullptr) + duration, time(nullptr) + 30 * duration, *refused);
        }));
    const pid_t eater = start_child([&] { eat_memory(*is_short); });
    for (const pid_t child : children)
        check(status_of(child) == 0, "a process that loads");
    check(*refused > 0, "loads without memory");
    check(modules::remove("crc16") == 0, "nobody stands on it any more");
    kill(eater, SIGKILL);
    check(WTERMSIG(status_of(eater)) == SIGKILL, "the eater");
    std::printf("%d loads found no memory\n", refused->load());
}

// A device that processes open, read and close while its module goes.
void device_goes()
{
    const std::string image = modules::contents("/tests/modules/counter.ko");
    auto* const reads = map_memory<std::atomic<int>>(page, MAP_SHARED);
    *reads = 0;
    const auto use = [&] {
        const int file = open("/dev/counter", O_RDONLY);
        char text[16];
        if (file >= 0 && read(file, text, sizeof text) > 0)
            ++*reads;
        close(file);
        modules::contents("/sys/module/counter/parameters/start");
        modules::contents("/sys/module/counter/refcnt");
    };
    const auto set = [] {
        const int file = open("/sys/module/counter/parameters/start", O_WRONLY);
        if (file >= 0 && write(file, "77", 2) < 0)
            check(errno == ENODEV, "a parameter of a module that went");
        close(file);
        modules::contents("/proc/kallsyms");
    };
    const auto rounds = [&] {
        check_load(modules::load(image));
        usleep(1000);
        check_removal(modules::remove("counter"));
    };
    together({rounds, use, use, set, use, rounds});
    check(*reads > 10, "reads");
    check(soak::becomes_true([] { return modules::remove("counter") == 0 || access("/sys/module/counter", F_OK) != 0; }), "it goes");
}

constexpr Deed all[] = {
    {"device-goes", device_goes},
    {"removal-follows-load", removal_follows_load},
    {"readers-and-removals", readers_and_removals},
    {"memory-is-gone", memory_is_gone},
};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
