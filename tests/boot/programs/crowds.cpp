// Calls that concern very many processes; none may hold the CPU longer than the rule says.
#include "tests/boot/programs/kernel_latency.h"

#include <vector>

#include <sys/resource.h>

namespace {

using namespace deeds;

// As many children as there may be, at most 4096, of one group and one user.
std::vector<pid_t> start_crowd()
{
    constexpr std::size_t most = 4096;
    std::vector<pid_t> crowd;
    while (crowd.size() < most) {
        const pid_t child = start_child([] {
            signal(SIGURG, [](int) {});
            for (;;)
                pause();
        });
        if (child < 0)
            break;
        setpgid(child, crowd.empty() ? child : crowd.front());
        crowd.push_back(child);
    }
    return crowd;
}

// Room for those that the test needs itself.
void make_room(std::vector<pid_t>& crowd)
{
    for (int i = 0; i < 4; ++i) {
        kill(crowd.back(), SIGKILL);
        status_of(crowd.back());
        crowd.pop_back();
    }
}

void crowds()
{
    auto crowd = start_crowd();
    make_room(crowd);
    std::printf("%zu processes\n", crowd.size());
    check(crowd.size() >= 1000, "a crowd");
    const pid_t group = crowd.front();
    usleep(500'000);
    measure("kill of a group, ignored", [&] { check(kill(-group, SIGWINCH) == 0, "kill"); });
    measure("kill of a group, handled", [&] { check(kill(-group, SIGURG) == 0, "kill"); });
    measure("stop of a group", [&] { check(kill(-group, SIGSTOP) == 0, "kill"); });
    measure("continue of a group", [&] { check(kill(-group, SIGCONT) == 0, "kill"); });
    measure("kill(-1) of everybody", [&] { check(kill(-1, 0) == 0, "kill"); });
    measure("setpriority of a group", [&] { check(setpriority(PRIO_PGRP, static_cast<id_t>(group), 1) == 0, "setpriority"); });
    measure("getpriority of a user", [&] { check(getpriority(PRIO_USER, 0) == 0, "getpriority"); });
    measure("the end of a group", [&] { check(kill(-group, SIGKILL) == 0, "kill"); });
    for (const pid_t child : crowd)
        status_of(child);
    int ready[2];
    check(pipe(ready) == 0, "pipe");
    const pid_t parent = start_child([&] {
        auto orphans = start_crowd();
        make_room(orphans);
        const pid_t their_group = orphans.front();
        check(write(ready[1], &their_group, sizeof their_group) == sizeof their_group, "tell");
        pause();
    });
    pid_t orphans = 0;
    check(read(ready[0], &orphans, sizeof orphans) == sizeof orphans, "a crowd of another parent");
    measure("the end of their parent", [&] {
        kill(parent, SIGKILL);
        status_of(parent);
    });
    check(kill(-orphans, SIGKILL) == 0, "the orphans live");
    while (kill(-orphans, 0) == 0)
        usleep(10'000);
}

constexpr Deed all[] = {{"crowds", crowds}};

}  // namespace

int main(int argc, char** argv)
{
    return run(all, argc == 2 ? argv[1] : "all");
}
