#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace tenon::boot {

struct ChildProcess {
    pid_t process;
    int input;   // write end of the child's standard input
    int output;  // read end of the child's standard output and error
};

// Starts a program that dies with this process. Throws std::system_error.
ChildProcess start_process(const std::vector<std::string>& command);

}  // namespace tenon::boot
