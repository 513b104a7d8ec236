// Runs the kmod in the folder `root` beside this program, by its own libraries and under the name that this program was called by. Its
// calls of libc by the names for large files are led to those that fake_root.cpp wraps.

#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include <limits.h>
#include <unistd.h>

int main(int count, char** arguments)
{
    std::array<char, PATH_MAX> self{};
    if (readlink("/proc/self/exe", self.data(), self.size() - 1) < 0)
        return 127;
    const std::string path = self.data();
    const std::string folder = path.substr(0, path.rfind('/'));
    const std::string libraries = folder + "/root/usr/lib/x86_64-linux-gnu";
    const std::string loader = libraries + "/ld-linux-x86-64.so.2";
    const std::string names = folder + "/large_file_names.so";
    const std::string program = folder + "/root/usr/bin/kmod";
    std::vector<const char*> command = {loader.c_str(), "--library-path", libraries.c_str(), "--preload", names.c_str(),
                                        "--argv0", arguments[0], program.c_str()};
    command.insert(command.end(), arguments + 1, arguments + count + 1);
    execv(loader.c_str(), const_cast<char**>(command.data()));
    std::perror(loader.c_str());
    return 127;
}
