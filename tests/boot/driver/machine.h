#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "tests/boot/driver/configuration.h"

// A machine under QEMU that a test talks to over its serial line. One thread uses a Machine.

namespace tenon::boot {

// The machine did not do what was expected of it; the text ends with the last lines of the serial log.
class BootError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

using Seconds = std::chrono::seconds;

// Timeouts tell a hang from a slow machine; they are no performance targets.
constexpr Seconds boot_timeout{180};
constexpr Seconds command_timeout{60};

struct MachineOptions {
    std::vector<std::string> arguments;  // of mk/qemu, which is the only place that knows QEMU's own
    bool is_debug_kernel = boot::is_debug_kernel();  // which is several times as slow
    bool expects_reports = false;                    // of mistakes, which else are failures of the test
};

// What a command printed, lines ended by \n, and its exit status.
struct CommandResult {
    std::string output;
    int status = 0;
};

class Machine {
public:
    // Starts the machine; the serial line is logged to test/boot/<log_name>.log in the build folder.
    Machine(const MachineOptions& options, const std::string& log_name);
    ~Machine();  // kills what still runs; a failure of the test when there was a report
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    // Waits until `text` has been printed after what was consumed before; returns everything up to its end. Throws
    // BootError on a timeout and when QEMU ends first.
    std::string expect(std::string_view text, Seconds timeout = command_timeout);
    void send(std::string_view text);

    // Waits for the first shell prompt.
    void wait_for_shell(Seconds timeout = boot_timeout);
    // Runs one command line in the shell that reads the serial line.
    CommandResult run(std::string_view command, Seconds timeout = command_timeout);
    // The output of a command that must succeed, without the last newline; throws BootError when it fails.
    std::string output_of(std::string_view command);

    // Waits for QEMU to end by itself; its exit status.
    int wait_for_end(Seconds timeout = command_timeout);
    void power_off();  // by the shell; throws when the machine does not go off

    const std::string& log() const { return received_; }

private:
    bool receive(std::chrono::steady_clock::time_point deadline);
    std::chrono::steady_clock::time_point deadline_of(Seconds timeout) const;
    [[noreturn]] void give_up(const std::string& reason) const;

    int patience_;
    bool expects_reports_;
    pid_t process_ = -1;
    int to_machine_ = -1;
    int from_machine_ = -1;
    std::string received_;      // everything since power-on, without carriage returns
    std::size_t consumed_ = 0;  // what expect has passed
    std::ofstream log_file_;
    std::filesystem::path log_path_;
};

}  // namespace tenon::boot
