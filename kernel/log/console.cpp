// Printing log records on the console.

#include <atomic>
#include <charconv>

#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/log/early_console.h"
#include "kernel/log/ring.h"
#include <tenon/time.h>

namespace tenon::log {

void append(Severity severity, std::string_view component, std::string_view text);

namespace {

class EarlyConsole final : public Console {
public:
    void write(std::string_view lines) override { early_console::write(lines); }
};

constexpr int default_level = 7;  // everything but debug
constexpr int quiet_level = 4;    // errors and worse
constexpr int all_levels = 8;

constinit EarlyConsole early;
constinit std::atomic<Console*> console{&early};
constinit std::atomic<int> level{default_level};

// Printing is slow, so one flow of control prints at a time and the others only append. Who cannot become the printer leaves its record
// to the one that is: it says so in `unprinted` before it tries, and the printer looks there again after it has stopped being the
// printer (both seq_cst, so one of the two sees the other).
constinit std::atomic<bool> printing{false};
constinit std::atomic<bool> unprinted{false};
constinit Cursor printed;  // the printer's

// A flow that others keep supplied with records is let go after so many; the tick prints on.
constexpr unsigned records_at_once = 16;

bool try_to_print()
{
    bool nobody = false;
    return printing.compare_exchange_strong(nobody, true, std::memory_order_seq_cst);
}

void print_record(const Record& record)
{
    if (static_cast<int>(record.severity) < level.load(std::memory_order_relaxed))
        console.load(std::memory_order_acquire)->write(console_line(record).view());
}

}  // namespace

void print_new_records()
{
    unsigned left = records_at_once;
    while (left != 0 && unprinted.load(std::memory_order_seq_cst) && try_to_print()) {
        unprinted.exchange(false, std::memory_order_seq_cst);
        while (left != 0) {
            const auto record = next(printed);
            if (!record)
                break;
            print_record(*record);
            --left;
        }
        if (left == 0)
            unprinted.store(true, std::memory_order_seq_cst);
        printing.store(false, std::memory_order_seq_cst);
    }
}

void finish_printing()
{
    const u64 deadline = monotonic_now() + nanoseconds_per_second;
    while ((unprinted.load(std::memory_order_seq_cst) || printing.load(std::memory_order_seq_cst)) && monotonic_now() < deadline)
        print_new_records();
}

void print_rest_in_panic()
{
    const u64 deadline = monotonic_now() + nanoseconds_per_second / 20;
    while (!try_to_print() && monotonic_now() < deadline)
        arch::relax();
    console.store(&early, std::memory_order_release);
    while (const auto record = next_in_panic(printed))
        print_record(*record);
}

FixedText<line_max + 32> console_line(const Record& record)
{
    return FixedText<line_max + 32>("[{:>5}.{:06}] {}\n", record.time / nanoseconds_per_second,
                                    record.time % nanoseconds_per_second / 1000, record.text.view());
}

void write(Severity severity, std::string_view component, std::string_view text)
{
    append(severity, component, text);
    unprinted.store(true, std::memory_order_seq_cst);
    print_new_records();
}

void set_console(Console& target)
{
    console.store(&target, std::memory_order_release);
}

int console_level()
{
    return level.load(std::memory_order_relaxed);
}

void set_console_level(int value)
{
    level.store(value, std::memory_order_relaxed);
}

void read_console_arguments()
{
    if (boot_argument("quiet"))
        set_console_level(quiet_level);
    if (boot_argument("debug"))
        set_console_level(all_levels);
    if (const auto text = boot_argument("loglevel")) {
        int value = 0;
        if (std::from_chars(text->data(), text->data() + text->size(), value).ec == std::errc())
            set_console_level(value);
    }
}

}  // namespace tenon::log
