#include "kernel/dev/kmsg/kmsg.h"

#include <charconv>
#include <cstring>
#include <new>

#include "kernel/arch.h"
#include "kernel/boot_info.h"
#include "kernel/lib/rate_limit.h"
#include "kernel/fs/open_file.h"
#include "kernel/log/ring.h"
#include "kernel/proc/credentials.h"
#include "kernel/thread/thread.h"
#include <tenon/char_device.h>
#include <tenon/time.h>

namespace tenon::kmsg {
namespace {

constexpr u32 severity_mask = 7;

// "<4>text" names the severity; without it a line is a notice.
struct Line {
    log::Severity severity = log::Severity::notice;
    std::string_view text;
};

Line parse(std::string_view text)
{
    if (text.ends_with('\n'))
        text.remove_suffix(1);
    const auto close = text.find('>');
    if (!text.starts_with('<') || close == std::string_view::npos)
        return {log::Severity::notice, text};
    u32 priority = 0;
    const auto parsed = std::from_chars(text.data() + 1, text.data() + close, priority);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + close)
        return {log::Severity::notice, text};
    return {static_cast<log::Severity>(priority & severity_mask), text.substr(close + 1)};
}

// What may be written by programs: printk.devkmsg=on, off or ratelimit on the command line, as on Linux. Constant after start-up.
enum class Policy : u8 { limited, on, off };
constinit Policy policy = Policy::limited;

class Operations final : public FileOperations {
public:
    Result<usize> read(std::span<std::byte> out, u64, u32 flags) override
    {
        auto record = take();
        while (!record) {
            if ((flags & open_flag::nonblock) != 0)
                return fail(Errno::again);
            TRY(log::arrivals().wait_until(Interruptible::yes, [&] {
                record = take();
                return record.has_value();
            }));
        }
        FixedText<log::line_max + 64> line("{},{},{},-;{}\n", record->severity, record->sequence, record->time / 1000,
                                           record->text.view());
        if (line.size() > out.size())
            return fail(Errno::inval);
        std::memcpy(out.data(), line.c_str(), line.size());
        return line.size();
    }

    Result<usize> write(std::span<const std::byte> data, u64, u32) override
    {
        const Line line = parse({reinterpret_cast<const char*>(data.data()), data.size()});
        if (may_write())
            log::write(line.severity, "", line.text);
        return data.size();
    }

    u32 poll(PollTable& table) override
    {
        table.add(log::arrivals());
        log::Cursor ahead = [&] {
            LockGuard guard(lock_);
            return cursor_;
        }();
        return poll_event::out | (log::next(ahead) ? poll_event::in : 0);
    }


private:
    std::optional<log::Record> take()
    {
        LockGuard guard(lock_);
        return log::next(cursor_);
    }

    // As on Linux, a writer is not told that its line was dropped; the log says how many were when there is room again.
    bool may_write()
    {
        if (policy != Policy::limited)
            return policy == Policy::on;
        u32 suppressed = 0;
        {
            LockGuard guard(lock_);
            if (!limit_.allows(monotonic_now()))
                return false;
            suppressed = limit_.take_suppressed();
        }
        if (suppressed != 0)
            log::warning("", "{} writes too much to /dev/kmsg: {} lines were dropped", arch::current_thread().name(), suppressed);
        return true;
    }

    Spinlock lock_;
    log::Cursor cursor_;  // protected by lock_
    RateLimit limit_;     // protected by lock_
};

class Device final : public CharDevice {
public:
    Device()
    {
        number = {1, 11};
        permissions = 0644;
    }
    std::string_view name() const override { return "kmsg"; }
    // Reading is a right of its own, as for syslog(2).
    Result<std::unique_ptr<FileOperations>> open(u32 flags) override
    {
        if ((flags & open_flag::access_mask) != open_flag::write_only)
            TRY(require(Capability::syslog));
        std::unique_ptr<FileOperations> operations(new (std::nothrow) Operations);
        if (!operations)
            return fail(Errno::nomem);
        return operations;
    }
};

Device device;

}  // namespace

Result<> initialise()
{
    const auto argument = boot_argument("printk.devkmsg");
    if (argument == "on")
        policy = Policy::on;
    else if (argument == "off")
        policy = Policy::off;
    return register_char_device(device, "mem", nullptr);
}

}  // namespace tenon::kmsg
