#include "tests/boot/driver/machine.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <thread>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/boot/driver/process.h"

namespace tenon::boot {

namespace {

using Clock = std::chrono::steady_clock;

std::string last_lines(const std::string& text, std::size_t count)
{
    std::size_t start = text.size();
    for (; count > 0 && start != std::string::npos && start > 0; --count)
        start = text.rfind('\n', start - 1);
    return text.substr(start == std::string::npos ? 0 : start);
}

// The debug kernel gets twice the memory: its code, its shadow and the room around objects leave it about what the other has.
std::vector<std::string> command_of(const MachineOptions& options)
{
    std::vector<std::string> command{"mk/qemu"};
    command.insert(command.end(), options.arguments.begin(), options.arguments.end());
    const auto memory = std::find(command.begin(), command.end(), "--memory");
    if (options.is_debug_kernel && memory != command.end())
        memory[1] = std::to_string(2 * std::stoul(memory[1]));
    return command;
}

}  // namespace

Machine::Machine(const MachineOptions& options, const std::string& log_name)
    : patience_(options.is_debug_kernel ? 6 : 1), expects_reports_(options.expects_reports)
{
    const std::filesystem::path log_folder = kernel_build("test/boot");
    std::filesystem::create_directories(log_folder);
    log_path_ = log_folder / (log_name + ".log");
    log_file_.open(log_path_, std::ios::trunc);

    const auto child = start_process(command_of(options));
    process_ = child.process;
    to_machine_ = child.input;
    from_machine_ = child.output;
    std::signal(SIGPIPE, SIG_IGN);
}

Machine::~Machine()
{
    if (process_ > 0) {
        kill(process_, SIGKILL);
        waitpid(process_, nullptr, 0);
    }
    close(to_machine_);
    close(from_machine_);
    if (!expects_reports_)
        for (const std::string_view report : {"BUG: ", "UBSAN: "})
            if (const auto at = received_.find(report); at != std::string::npos)
                ADD_FAILURE() << "The debug kernel has found something; the log is " << log_path_.string() << ":\n" << received_.substr(at, 2000);
}

void Machine::give_up(const std::string& reason) const
{
    throw BootError(reason + "\nThe log is " + log_path_.string() + "; its end:\n" + last_lines(received_, 40));
}

// Takes in what the machine has printed. False when it will print no more, or nothing came before the deadline.
bool Machine::receive(Clock::time_point deadline)
{
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd ready{from_machine_, POLLIN, 0};
    if (left <= 0 || poll(&ready, 1, static_cast<int>(left)) <= 0)
        return false;
    std::array<char, 65536> buffer;
    const ssize_t count = read(from_machine_, buffer.data(), buffer.size());
    if (count <= 0)
        return false;
    const std::string_view chunk(buffer.data(), static_cast<std::size_t>(count));
    std::copy_if(chunk.begin(), chunk.end(), std::back_inserter(received_), [](char c) { return c != '\r'; });
    log_file_ << chunk << std::flush;
    return true;
}

Clock::time_point Machine::deadline_of(Seconds timeout) const
{
    return Clock::now() + patience_ * timeout;
}

std::string Machine::expect(std::string_view text, Seconds timeout)
{
    const auto deadline = deadline_of(timeout);
    for (std::size_t searched = consumed_;;) {
        if (const auto at = received_.find(text, searched); at != std::string::npos) {
            std::string passed = received_.substr(consumed_, at + text.size() - consumed_);
            consumed_ = at + text.size();
            return passed;
        }
        searched = std::max(consumed_, received_.size() - std::min(received_.size(), text.size()));
        if (!receive(deadline))
            give_up(Clock::now() < deadline ? "QEMU ended before it printed `" + std::string(text) + "`"
                                            : "`" + std::string(text) + "` was not printed in " +
                                                  std::to_string((patience_ * timeout).count()) + " s");
    }
}

void Machine::send(std::string_view text)
{
    while (!text.empty()) {
        const ssize_t count = write(to_machine_, text.data(), text.size());
        if (count <= 0)
            give_up("QEMU takes no more input");
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

void Machine::wait_for_shell(Seconds timeout)
{
    expect("Welcome to Tenon", timeout);
    expect("# ");
    // Kernel messages stay out of the output of commands, apart from what the debug kernel finds.
    run(expects_reports_ ? "dmesg -n 1" : "dmesg -n 2");
}

CommandResult Machine::run(std::string_view command, Seconds timeout)
{
    // The quotes keep the marks out of the line's own echo.
    send("echo @be''gin@; " + std::string(command) + "; echo @e''nd@$?@\n");
    expect("@begin@\n", timeout);
    CommandResult result{expect("@end@", timeout), 0};
    result.output.erase(result.output.size() - std::string_view("@end@").size());
    const std::string status = expect("@", timeout);
    result.status = std::stoi(status);
    return result;
}

std::string Machine::output_of(std::string_view command)
{
    auto [output, status] = run(command);
    if (status != 0)
        give_up("`" + std::string(command) + "` ended with status " + std::to_string(status));
    if (output.ends_with('\n'))
        output.pop_back();
    return output;
}

int Machine::wait_for_end(Seconds timeout)
{
    const auto deadline = deadline_of(timeout);
    while (receive(deadline)) {
    }
    int status = 0;
    while (waitpid(process_, &status, WNOHANG) == 0) {
        if (Clock::now() >= deadline)
            give_up("the machine is still on");
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void Machine::power_off()
{
    send("poweroff -f\n");
    if (wait_for_end() != 0)
        give_up("QEMU ended with an error");
}

}  // namespace tenon::boot
