#include <new>

#include "kernel/dev/tty/terminal.h"
#include "kernel/proc/process.h"

// The nodes of terminals in /dev: each serial line's own, console and tty.

namespace tenon {
namespace {

constexpr u32 tty_major = 5;

std::atomic<Terminal*> first_terminal{nullptr};

class TerminalFile final : public FileOperations {
public:
    explicit TerminalFile(Terminal& terminal) : terminal_(terminal) {}

    Result<usize> read(std::span<std::byte> out, u64, u32 flags) override { return terminal_.read(out, flags); }
    Result<usize> write(std::span<const std::byte> data, u64, u32 flags) override { return terminal_.write(data, flags); }
    Result<i64> ioctl(u32 request, u64 argument) override { return terminal_.ioctl(request, argument); }
    u32 poll(PollTable& table) override { return terminal_.poll(table); }
    bool is_terminal() const override { return true; }

private:
    Terminal& terminal_;
};

// /dev/console and /dev/tty stand for another terminal.
class Alias final : public CharDevice {
public:
    using Choose = Terminal* (*)();
    Alias(std::string_view name, u32 minor, u32 mode, Choose choose) : name_(name), choose_(choose)
    {
        number = {tty_major, minor};
        permissions = mode;
    }
    std::string_view name() const override { return name_; }
    Result<std::unique_ptr<FileOperations>> open(u32 flags) override
    {
        Terminal* const terminal = choose_();
        if (terminal == nullptr)
            return fail(Errno::nxio);
        return terminal->open(flags);
    }

private:
    std::string_view name_;
    Choose choose_;
};

Alias console_device("console", 1, 0600, Terminal::console);
Alias current_device("tty", 0, 0666, [] { return current_process().terminal.load(); });

}  // namespace

Terminal* Terminal::console()
{
    return first_terminal.load(std::memory_order_acquire);
}

Result<> Terminal::attach(SerialPort& port, std::string_view name, DeviceNumber number)
{
    auto* const terminal = new (std::nothrow) Terminal(port, name, number);
    if (terminal == nullptr)
        return fail(Errno::nomem);
    TRY(register_char_device(*terminal, "ttyAMA", nullptr));
    port.set_receiver(*terminal);
    if (Terminal* none = nullptr; !first_terminal.compare_exchange_strong(none, terminal))
        return {};
    TRY(register_char_device(console_device, "tty", nullptr));
    return register_char_device(current_device, "tty", nullptr);
}

Result<std::unique_ptr<FileOperations>> Terminal::open(u32 flags)
{
    std::unique_ptr<FileOperations> file(new (std::nothrow) TerminalFile(*this));
    if (!file)
        return fail(Errno::nomem);
    take_at_open(flags);
    return file;
}

}  // namespace tenon
