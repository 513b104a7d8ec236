// Printing log records on the console.

#include <atomic>
#include <charconv>

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
constinit Spinlock print_lock;
constinit Cursor printed;  // protected by print_lock

void print_new_records()
{
    LockGuard guard(print_lock);
    while (const auto record = next(printed))
        if (static_cast<int>(record->severity) < level.load(std::memory_order_relaxed))
            console.load(std::memory_order_acquire)->write(console_line(*record).view());
}

}  // namespace

FixedText<line_max + 32> console_line(const Record& record)
{
    return FixedText<line_max + 32>("[{:>5}.{:06}] {}\n", record.time / nanoseconds_per_second,
                                    record.time % nanoseconds_per_second / 1000, record.text.view());
}

void write(Severity severity, std::string_view component, std::string_view text)
{
    append(severity, component, text);
    print_new_records();
}

void set_console(Console& target)
{
    LockGuard guard(print_lock);
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
