#pragma once

#include <atomic>
#include <memory>
#include <string_view>

#include "kernel/dev/tty/line_discipline.h"
#include "kernel/dev/tty/serial_port.h"
#include "kernel/lib/result.h"
#include <tenon/char_device.h>
#include <tenon/sync.h>

namespace tenon {

class Process;

// A terminal on a serial line: line discipline, window size, session and foreground group. Lives for ever.
class Terminal final : public CharDevice, private SerialReceiver {
public:
    // Makes the terminal of `port` and its node in /dev (`name`: "ttyAMA0"). The first one is the console.
    static Result<> attach(SerialPort& port, std::string_view name, DeviceNumber number);
    static Terminal* console();  // null before the first attach

    std::string_view name() const override { return name_; }
    Result<std::unique_ptr<FileOperations>> open(u32 flags) override;

    Result<usize> read(std::span<std::byte> out, u32 flags);
    Result<usize> write(std::span<const std::byte> data, u32 flags);
    Result<i64> ioctl(u32 request, u64 argument);
    u32 poll(PollTable& table);

    // The session's leader exits or says TIOCNOTTY: the terminal is free again. Called by exit.
    void leave_session(Process& process);
    // For /proc/PID/stat: tty_nr and tpgid.
    u32 foreground_group() const { return foreground_group_.load(std::memory_order_relaxed); }

private:
    class Output;

    Terminal(SerialPort& port, std::string_view name) : port_(port), name_(name) {}
    void receive(std::span<const char> characters) override;

    Result<> check_background_read() const;
    Result<> check_background_write() const;
    Result<> take_as_controlling(bool steal);
    Result<> transmit(std::string_view text, u32 flags);

    SerialPort& port_;
    std::string_view name_;
    mutable Spinlock lock_;
    LineDiscipline discipline_;       // protected by lock_
    WindowSize window_;               // protected by lock_
    WaitQueue readers_;
    Mutex output_mutex_;              // one write(2) at a time
    std::atomic<u32> session_{0};
    std::atomic<u32> foreground_group_{0};
};

}  // namespace tenon
