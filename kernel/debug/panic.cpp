#include "kernel/lib/panic.h"

#include <atomic>
#include <charconv>

#include "kernel/boot_info.h"
#include "kernel/debug/panic_report.h"
#include "kernel/debug/symbol_text.h"
#include "kernel/log/early_console.h"
#include "kernel/log/ring.h"
#include "kernel/thread/thread.h"

namespace tenon {
namespace {

constexpr unsigned nobody = ~0u;
constinit std::atomic<unsigned> panicking_cpu{nobody};

constexpr int not_chosen = -0x7fff'ffff - 1;
constinit std::atomic<int> chosen_delay{not_chosen};

// Straight to the UART: the log's locks may be held by whoever just died.
class ConsoleSink final : public TextSink {
public:
    void write(std::string_view text) override { early_console::write(text); }
};
constinit ConsoleSink console_sink;

template <typename... Args>
void print(std::string_view format, const Args&... args)
{
    format_to(console_sink, format, args...);
}

void print_address(u64 address)
{
    print("  {}\n", symbol_text(address).view());
}

void print_frame(u64 address, void*)
{
    // The call, not where it returns to, which may be the next function already.
    print_address(address - 4);
}

void print_thread()
{
    const auto* thread = arch::current_thread_if_any();
    print("CPU {}, thread {}\n", arch::cpu_index(), thread == nullptr ? "none" : thread->name());
}

[[noreturn]] void finish()
{
    const int seconds = panic_delay();
    if (seconds < 0)
        arch::power_off();
    if (seconds == 0)
        arch::halt();
    const u64 end = arch::counter() + static_cast<u64>(seconds) * arch::counter_frequency();
    while (arch::counter() < end)
        arch::relax();
    arch::restart();
}

void begin(std::string_view reason)
{
    arch::disable_interrupts();
    unsigned first = nobody;
    if (!panicking_cpu.compare_exchange_strong(first, arch::cpu_index())) {
        if (first != arch::cpu_index())
            arch::halt();
        print("\nKernel panic while printing the report: {}\n", reason);
        finish();
    }
    arch::stop_other_cpus();
    log::print_rest_in_panic();
    print("\nKernel panic: {}\n", reason);
    print_thread();
}

}  // namespace

// The command line is read when somebody asks, since a panic may come before everything else.
int panic_delay()
{
    if (const auto set = chosen_delay.load(std::memory_order_relaxed); set != not_chosen)
        return set;
    int seconds = 0;
    if (const auto argument = boot_argument("panic"))
        std::from_chars(argument->data(), argument->data() + argument->size(), seconds);
    return seconds;
}

void set_panic_delay(int seconds)
{
    chosen_delay.store(seconds, std::memory_order_relaxed);
}

void panic(std::string_view reason, std::source_location where)
{
    arch::UserRegisters registers{};
    arch::capture_registers(registers);
    begin(reason);
    print("at {}:{}\n", where.file_name(), where.line());
    arch::print_registers(registers, console_sink);
    print("Call chain, innermost first:\n", where.file_name(), where.line());
    arch::walk_stack(arch::current_frame_pointer(), print_frame, nullptr);
    finish();
}

void panic_with_registers(std::string_view reason, const arch::UserRegisters& registers)
{
    begin(reason);
    arch::print_registers(registers, console_sink);
    print("Call chain, innermost first:\n");
    print_address(registers.pc);
    arch::walk_stack(registers.x[29], print_frame, nullptr);
    finish();
}

}  // namespace tenon
