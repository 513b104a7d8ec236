// `echo N > parameters/claim` claims the interrupt line of QEMU virt's real-time clock N times, sees that its interrupt comes, and lets
// it go while the next one is on its way. Several writers at once take turns. Fails when a line that was claimed stays silent.

#include <atomic>
#include <charconv>

#include <tenon/interrupt.h>
#include <tenon/memory.h>
#include <tenon/module.h>
#include <tenon/sync.h>
#include <tenon/time.h>

using namespace tenon;

namespace {

constexpr u32 line_number = 34;
constexpr PhysAddr registers_base(0x901'0000);

// Arm PrimeCell Real Time Clock (PL031), DDI 0224: an interrupt comes when `match` is set to the time that `data` tells.
namespace offset {
constexpr usize data = 0x00;
constexpr usize match = 0x04;
constexpr usize mask = 0x10;
constexpr usize clear = 0x1c;
}  // namespace offset

DeviceMemory registers;
std::atomic<u64> silent{0};  // claims after which nothing came

void raise()
{
    registers.write32(offset::match, registers.read32(offset::data));
}

class Owner final : public InterruptHandler {
public:
    void handle_interrupt() override
    {
        registers.write32(offset::clear, 1);
        came_.store(true, std::memory_order_release);
    }
    bool came() const { return came_.load(std::memory_order_acquire); }

private:
    std::atomic<bool> came_{false};
};

// Whether the line was free, and its interrupt came then.
Result<bool> claim_once()
{
    constexpr u64 patience = nanoseconds_per_second;
    Owner owner;
    auto line = InterruptLine::claim(line_number, owner);
    if (!line)
        return line.error() == Errno::busy ? Result<bool>(false) : fail(line.error());
    for (const u64 end = monotonic_now() + patience; !owner.came();) {
        if (monotonic_now() > end) {
            silent.fetch_add(1, std::memory_order_relaxed);
            return fail(Errno::timedout);
        }
        raise();
    }
    raise();
    return true;
}

Result<> claim(const Parameter&, const std::string_view* text)
{
    u64 left = 0;
    if (text == nullptr || std::from_chars(text->data(), text->data() + text->size(), left).ec != std::errc())
        return fail(Errno::inval);
    while (left != 0) {
        TRY(resched_point());
        left -= TRY(claim_once()) ? 1 : 0;
    }
    return {};
}

void print_silent(const Parameter&, TextSink& out)
{
    format_to(out, "{}", silent.load(std::memory_order_relaxed));
}

constexpr ParameterOperations claim_operations = {claim, print_silent};

Result<> start()
{
    registers = TRY(DeviceMemory::map(registers_base, 0x1000));
    registers.write32(offset::mask, 1);
    return {};
}

void stop()
{
    registers.write32(offset::mask, 0);
    registers.write32(offset::clear, 1);
}

}  // namespace

module_init(start);
module_exit(stop);
module_param_custom(claim, claim_operations, silent, "count", 0600);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: interrupt lines that change their owner while they fire");
