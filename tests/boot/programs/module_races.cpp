// Loads and removals of the same modules on several processors at once, and readers of what the system says about them meanwhile. Each
// deed is one race, run many times.
#include "tests/boot/programs/deeds.h"
#include "tests/boot/programs/module_calls.h"

#include <atomic>
#include <ctime>
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
    check(*loads > 10, "many loads");
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

constexpr Deed all[] = {
    {"removal-follows-load", removal_follows_load},
    {"readers-and-removals", readers_and_removals},
};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
