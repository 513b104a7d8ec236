#pragma once

#include <optional>

#include "kernel/lib/text.h"
#include <tenon/log.h>
#include <tenon/sync.h>

// The reading side of the log, for syslog(2), /dev/kmsg and consoles.

namespace tenon::log {

constexpr usize line_max = 480;
constexpr usize ring_size = 256 * 1024;

struct Record {
    u64 sequence = 0;  // counts from 0, no gaps
    u64 time = 0;      // monotonic nanoseconds
    Severity severity = Severity::info;
    FixedText<line_max> text;  // "component: text", no newline
};

// Where a reader is. A default cursor stands at the oldest record that is still there.
class Cursor {
public:
    static Cursor at_end();
    bool at_or_after(Cursor other) const { return position_ >= other.position_; }

private:
    friend class Ring;
    u64 position_ = 0;
};

// The record at the cursor, which moves behind it; nothing at the end. A cursor whose record was overwritten continues
// with the oldest one: the gap shows in the sequence numbers. Every context.
std::optional<Record> next(Cursor& cursor);

// The same for the CPU that panics: nothing, too, when it holds the ring's lock itself.
std::optional<Record> next_in_panic(Cursor& cursor);

// Announces new records. Woken by the tick of the boot CPU and not by write(), so that writing is legal under every lock.
WaitQueue& arrivals();
void notify_readers();  // from the tick

// Console lines: "[    0.123456] component: text\n".
FixedText<line_max + 32> console_line(const Record& record);

// Where lines at or above the console level go. `write` gets whole lines; every context, never concurrently, except that a panic does
// not wait for ever for a line that is being written.
class Console {
public:
    virtual void write(std::string_view lines) = 0;

protected:
    ~Console() = default;
};
void set_console(Console& console);

// Prints what has not been printed, unless somebody else is at it. write() does so itself; the tick does it for what that left. Every
// context.
void print_new_records();
// Returns when everything is printed, or after a second: before the machine goes off.
void finish_printing();
// The same by polled output, whatever the other CPUs, which have been stopped, were doing.
void print_rest_in_panic();

// Records of a severity below this number are printed; syslog(2) 6, 7, 8 and `quiet`, `loglevel=N`, `debug`.
int console_level();
void set_console_level(int level);
void read_console_arguments();

}  // namespace tenon::log
