#pragma once

#include <atomic>
#include <memory>
#include <optional>
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
    // Makes the terminal of `port` and its node in /dev (`name`: "ttyAMA0", which stays). The first one is the console.
    static Result<> attach(SerialPort& port, std::string_view name, DeviceNumber number);
    static Terminal* console();  // null before the first attach

    std::string_view name() const override { return name_; }
    Result<std::unique_ptr<FileOperations>> open(u32 flags) override;

    Result<usize> read(std::span<std::byte> out, u32 flags);
    Result<usize> write(std::span<const std::byte> data, u32 flags);
    Result<i64> ioctl(u32 request, u64 argument);
    u32 poll(PollTable& table);

    // The leader of the terminal's session exits or gives it up: nobody has it as controlling terminal afterwards.
    void leave_session(Process& leader);
    // For /proc/PID/stat: tpgid. 0: none.
    u32 foreground_group() const { return foreground_group_.load(std::memory_order_relaxed); }

private:
    class Effects;

    Terminal(SerialPort& port, std::string_view name, DeviceNumber wanted) : port_(port), name_(name)
    {
        number = wanted;
        permissions = 0620;
    }
    void receive(std::span<const char> characters) override;

    // terminal.cpp
    bool is_background(const Process& process) const;
    Result<> check_background_read() const;
    Result<> check_background_write(bool always) const;
    std::optional<usize> take(std::span<std::byte> out);  // nothing when no input is there; 0 for an end of file
    bool reads_without_input() const;                     // VMIN 0
    bool has_input(usize minimum) const;
    Result<> wait_for_input(usize size);
    Result<> wait_for_output_allowed();
    Result<usize> write_until_stopped(std::string_view text);
    Result<> transmit(std::string_view text);
    Result<> drain();

    // terminal_ioctl.cpp
    Result<> set_attributes(u32 request, u64 argument);
    Result<> flush(u64 queue);
    Result<> control_flow(u64 action);
    Result<> require_flow_right() const;

    // terminal_session.cpp
    Result<i64> session_ioctl(u32 request, u64 argument);
    Result<> take_as_controlling(bool steal);
    Result<> set_foreground(u32 group);
    Result<> give_up(Process& process);
    void take_at_open(u32 flags);

    SerialPort& port_;
    std::string_view name_;
    mutable Spinlock lock_;           // taken in interrupts; the port's lock nests inside
    LineDiscipline discipline_;       // protected by lock_
    WindowSize window_;               // protected by lock_
    WaitQueue readers_;               // input has come, or output may go on
    Mutex output_mutex_;              // the output of one write(2) at a time; not held while output is stopped
    std::atomic<bool> output_stopped_{false};
    std::atomic<u32> session_{0};            // changed under process_table::lock
    std::atomic<u32> foreground_group_{0};   // changed under process_table::lock
};

}  // namespace tenon
