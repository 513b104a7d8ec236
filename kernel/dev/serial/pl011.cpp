#include "kernel/dev/serial/pl011.h"

#include <new>

#include "kernel/boot_info.h"
#include "kernel/dev/serial/transmit_ring.h"
#include "kernel/dev/tty/serial_port.h"
#include "kernel/dev/tty/terminal.h"
#include "kernel/log/ring.h"
#include <tenon/driver.h>
#include <tenon/interrupt.h>
#include <tenon/memory.h>
#include <tenon/sync.h>

// PrimeCell UART (PL011) Technical Reference Manual r1p5, chapter 3.

namespace tenon::pl011 {
namespace {

namespace reg {
constexpr usize data = 0x00;
constexpr usize flags = 0x18;
constexpr usize line_control = 0x2c;
constexpr usize control = 0x30;
constexpr usize interrupt_mask = 0x38;
constexpr usize interrupt_clear = 0x44;
constexpr usize size = 0x48;
}  // namespace reg

constexpr u32 flag_busy = 1 << 3;
constexpr u32 flag_receive_empty = 1 << 4;
constexpr u32 flag_transmit_full = 1 << 5;
constexpr u32 line_8_bits_fifo = 0x70;
constexpr u32 control_enable = 1 << 0 | 1 << 8 | 1 << 9;  // the UART, its transmitter, its receiver
constexpr u32 interrupt_receive = 1 << 4 | 1 << 6;        // level reached, time-out
constexpr u32 interrupt_transmit = 1 << 5;
constexpr u32 interrupt_all = 0x7ff;

// Linux's number of ttyAMA0.
constexpr DeviceNumber first_number{204, 64};

class Port final : public DriverBinding, public SerialPort, public log::Console, private InterruptHandler {
public:
    static Result<std::unique_ptr<DriverBinding>> attach(Device& device, u32 index);

    usize transmit(std::span<const char> characters) override;
    WaitQueue& transmit_events() override { return transmit_events_; }
    bool has_room() const override;
    bool is_idle() const override;
    void set_receiver(SerialReceiver& receiver) override { receiver_.store(&receiver, std::memory_order_release); }

    // The log does not wait for interrupts: what is queued goes first, then the lines, all before it returns.
    void write(std::string_view lines) override;

private:
    Result<> initialise(Device& device, u32 index);
    void handle_interrupt() override;
    std::string_view interrupt_name() const override { return name_.view(); }
    void receive() const;
    void fill_fifo();
    void send_now(char character);
    bool is_fifo_full() const { return (registers_.read32(reg::flags) & flag_transmit_full) != 0; }

    DeviceMemory registers_;
    InterruptLine interrupt_;
    FixedText<15> name_;
    std::atomic<SerialReceiver*> receiver_{nullptr};
    mutable Spinlock lock_;  // protects the transmitter: ring_, the data register's write side, the interrupt mask
    TransmitRing ring_;
    WaitQueue transmit_events_;
};

Result<std::unique_ptr<DriverBinding>> Port::attach(Device& device, u32 index)
{
    std::unique_ptr<Port> port(new (std::nothrow) Port);
    if (port == nullptr)
        return fail(Errno::nomem);
    TRY(port->initialise(device, index));
    return std::unique_ptr<DriverBinding>(std::move(port));
}

// From the moment the terminal knows the port it must stay, so nothing may fail after that.
Result<> Port::initialise(Device& device, u32 index)
{
    const auto line = device.interrupt();
    if (!line || device.register_size() < reg::size)
        return fail(Errno::nodev);
    registers_ = TRY(DeviceMemory::map(device.registers(), device.register_size()));
    name_.format("ttyAMA{}", index);
    registers_.write32(reg::interrupt_mask, 0);
    registers_.write32(reg::interrupt_clear, interrupt_all);
    registers_.write32(reg::line_control, line_8_bits_fifo);
    registers_.write32(reg::control, control_enable);
    interrupt_ = TRY(InterruptLine::claim(*line, *this));
    TRY(Terminal::attach(*this, name_.view(), {first_number.major, first_number.minor + index}));
    registers_.write32(reg::interrupt_mask, interrupt_receive);
    if (boot_info().console == device.registers())
        log::set_console(*this);
    return {};
}

bool Port::has_room() const
{
    LockGuard guard(lock_);
    return !ring_.is_full();
}

bool Port::is_idle() const
{
    LockGuard guard(lock_);
    return ring_.is_empty() && (registers_.read32(reg::flags) & flag_busy) == 0;
}

usize Port::transmit(std::span<const char> characters)
{
    LockGuard guard(lock_);
    fill_fifo();
    usize taken = 0;
    for (; taken < characters.size(); ++taken) {
        if (ring_.is_empty() && !is_fifo_full())
            registers_.write32(reg::data, static_cast<u8>(characters[taken]));
        else if (!ring_.add(characters[taken]))
            break;
    }
    if (!ring_.is_empty())
        registers_.write32(reg::interrupt_mask, interrupt_receive | interrupt_transmit);
    return taken;
}

void Port::fill_fifo()
{
    while (!ring_.is_empty() && !is_fifo_full())
        registers_.write32(reg::data, static_cast<u8>(*ring_.take()));
}

void Port::send_now(char character)
{
    while (is_fifo_full()) {
    }
    registers_.write32(reg::data, static_cast<u8>(character));
}

void Port::write(std::string_view lines)
{
    LockGuard guard(lock_);
    while (const auto queued = ring_.take())
        send_now(*queued);
    for (const char character : lines) {
        if (character == '\n')
            send_now('\r');
        send_now(character);
    }
}

void Port::receive() const
{
    std::array<char, 64> characters;
    usize count = 0;
    while (count < characters.size() && (registers_.read32(reg::flags) & flag_receive_empty) == 0)
        characters[count++] = static_cast<char>(registers_.read32(reg::data));
    SerialReceiver* receiver = receiver_.load(std::memory_order_acquire);
    if (count != 0 && receiver != nullptr)
        receiver->receive(std::span(characters).first(count));
}

// The receiver may echo, so the lock is not held for it. What does not fit in one round keeps the interrupt pending.
void Port::handle_interrupt()
{
    registers_.write32(reg::interrupt_clear, interrupt_transmit);
    receive();
    {
        LockGuard guard(lock_);
        fill_fifo();
        if (ring_.is_empty())
            registers_.write32(reg::interrupt_mask, interrupt_receive);
    }
    transmit_events_.wake_all();
}

class PortDriver final : public Driver {
public:
    std::string_view name() const override { return "pl011"; }
    bool matches(const Device& device) const override { return device.is_compatible("arm,pl011"); }
    Result<std::unique_ptr<DriverBinding>> probe(Device& device) override { return Port::attach(device, next_index_++); }

private:
    std::atomic<u32> next_index_{0};
};

constinit PortDriver* driver = nullptr;

}  // namespace

void initialise()
{
    driver = new (std::nothrow) PortDriver;
    if (driver == nullptr || !register_driver(*driver, nullptr))
        log::error("pl011", "the driver could not be registered");
}

}  // namespace tenon::pl011
