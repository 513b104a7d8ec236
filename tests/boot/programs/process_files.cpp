// What /proc/PID shows, and to whom (proc(5), ptrace(2) "Ptrace access mode checking").

#include <algorithm>
#include <ctime>
#include <fstream>

#include "tests/boot/programs/user.h"

namespace {

using namespace deeds;

constexpr char secret_file[] = "/tmp/looked-secret";
constexpr int secret_descriptor = 200;

// Run with root's rights by a user: opens what is root's alone, and becomes the user's program again.
int hold_secret()
{
    const int file = open(secret_file, O_RDONLY | O_CLOEXEC);
    if (file < 0 || dup3(file, secret_descriptor, O_CLOEXEC) != secret_descriptor || setresuid(1000, 1000, 1000) != 0)
        return 1;
    execl("/tmp/looked-plain", "process_files", "start-secret", nullptr);
    return 2;
}

// A process that has rights now and again lets nobody look at what it has then, whenever he asks.
void looked_into_at_any_time()
{
    constexpr int seconds = 3;
    copy_self("/tmp/looked-root", 04755);
    copy_self("/tmp/looked-plain", 0755);
    write_text(secret_file, "secret", 0600);
    as_user([&] {
        const pid_t changing = start_child([] {
            execl("/tmp/looked-plain", "process_files", "start-secret", nullptr);
            _exit(9);
        });
        const auto end = time(nullptr) + seconds;
        const std::string folder = "/proc/" + std::to_string(changing) + "/";
        const std::string link = folder + "fd/" + std::to_string(secret_descriptor);
        const auto watch = [&] {
            long looks = 0;
            while (time(nullptr) < end) {
                char target[64];
                check(readlink(link.c_str(), target, sizeof target) < 0, "the name of what root's program has open");
                check(open_and_close(link.c_str(), O_RDONLY) < 0, "what root's program has open");
                const ssize_t size = readlink((folder + "exe").c_str(), target, sizeof target);
                const std::string_view program(target, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
                check(program != "/tmp/looked-root", "which of root's programs it is");
                looks += size > 0 ? 1 : 0;
            }
            check(looks > 10, "its own may be seen");
        };
        const pid_t other = start_child(watch);
        watch();
        check(status_of(other) == 0, "another watcher");
        check(waitpid(changing, nullptr, WNOHANG) == 0, "it goes on all the while");
        kill(changing, SIGKILL);
        status_of(changing);
    });
    for (const char* name : {"/tmp/looked-root", "/tmp/looked-plain", secret_file})
        unlink(name);
}

// Whose addresses are one's own to know.
void addresses_in_stat()
{
    const auto argument_area = [](pid_t process) {
        std::ifstream file("/proc/" + std::to_string(process) + "/stat");
        std::string word;
        for (int field = 1; field <= 48; ++field)
            file >> word;
        return word;
    };
    check(argument_area(1) != "0" && argument_area(getpid()) != "0", "root sees them");
    as_user([&] {
        check(argument_area(1) == "0", "others do not see root's");
        check(argument_area(getpid()) != "0", "but their own");
    });
}

// As long as nobody has asked for the status of a process, its owner may look at what is left of it (Linux shows no memory then).
void ended_processes()
{
    as_user([] {
        const pid_t child = start_child([] {});
        siginfo_t info{};
        check(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0, "it has ended");
        const auto text_of = [&](const char* name) {
            char text[512] = {};
            const int file = open(("/proc/" + std::to_string(child) + name).c_str(), O_RDONLY);
            const ssize_t size = read(file, text, sizeof text - 1);
            check(file >= 0 && size >= 0, name);
            close(file);
            return std::string(text);
        };
        check(text_of("/stat").find(") Z ") != std::string::npos, "stat says that it has ended");
        check(text_of("/status").find("Z (zombie)") != std::string::npos, "status, too");
        check(text_of("/cmdline").empty(), "there are no arguments any more");
        check(!text_of("/comm").empty(), "but the name");
        check(text_of("/statm").starts_with("0 0 0"), "and no memory");
        check(status_of(child) == 0, "it goes");
    });
}

constexpr Deed all[] = {
    {"ended-processes", ended_processes},
    {"looked-into-at-any-time", looked_into_at_any_time},
    {"addresses-in-stat", addresses_in_stat},
};

}  // namespace

int main(int argc, char** argv)
{
    const std::string_view word = argc == 2 ? argv[1] : "all";
    if (word == "start-secret")
        return execl("/tmp/looked-root", "process_files", "hold-secret", nullptr);
    if (word == "hold-secret")
        return hold_secret();
    return run(all, word);
}
