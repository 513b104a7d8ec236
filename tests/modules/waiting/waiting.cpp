// /dev/waiting: a read waits until `echo 1 > parameters/release`, however long that takes. It has a position, so that a second reader
// of the same open file waits for the first. /dev/waitingdisk holds its transfers while parameters/hold is 1. With fail_when_open=1 init
// waits until somebody has the device open, and fails then; with slow_exit=1 exit waits for the same as a read.

#include <atomic>
#include <cstring>
#include <new>

#include <tenon/block.h>
#include <tenon/char_device.h>
#include <tenon/module.h>
#include <tenon/sync.h>
#include <tenon/time.h>

using namespace tenon;

namespace {

bool release = false;
bool hold = false;
bool fail_when_open = false;
bool slow_exit = false;
std::atomic<int> open_files{0};
constexpr u64 step = 10'000'000;  // nanoseconds

class WaitingFile final : public FileOperations {
public:
    WaitingFile() { open_files.fetch_add(1); }
    ~WaitingFile() override { open_files.fetch_sub(1); }
    Result<usize> read(std::span<std::byte>, u64, u32) override
    {
        while (!std::atomic_ref(release).load())
            TRY(sleep_for(step, Interruptible::killable));
        return usize{0};
    }
    bool is_seekable() const override { return true; }
};

class WaitingDevice final : public CharDevice {
public:
    std::string_view name() const override { return "waiting"; }
    Result<std::unique_ptr<FileOperations>> open(u32) override
    {
        std::unique_ptr<FileOperations> file(new (std::nothrow) WaitingFile);
        if (!file)
            return fail(Errno::nomem);
        return file;
    }
};

// All zeros, for ever.
class WaitingDisk final : public BlockDevice {
public:
    std::string_view name() const override { return "waitingdisk"; }
    u64 sector_count() const override { return 2048; }
    Result<> read_sectors(u64, std::span<std::byte> out) override
    {
        TRY(wait());
        std::memset(out.data(), 0, out.size());
        return {};
    }
    Result<> write_sectors(u64, std::span<const std::byte>) override { return wait(); }

private:
    static Result<> wait()
    {
        while (std::atomic_ref(hold).load())
            TRY(sleep_for(step, Interruptible::killable));
        return {};
    }
};

WaitingDevice device;
const Registration<register_char_device, unregister_char_device> registration{device, "waiting"};
WaitingDisk disk;
const Registration<register_block_device, unregister_block_device> disk_registration{disk, "waiting"};

Result<> start()
{
    if (!fail_when_open)
        return {};
    while (open_files.load() == 0)
        TRY(sleep_for(step, Interruptible::killable));
    return fail(Errno::io);
}

void stop()
{
    while (slow_exit && !std::atomic_ref(release).load())
        if (!sleep_for(step, Interruptible::killable))
            return;
}

}  // namespace

module_init(start);
module_exit(stop);
module_param(release, bool, 0644);
module_param(hold, bool, 0644);
module_param(fail_when_open, bool, 0);
module_param(slow_exit, bool, 0);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: a driver that waits");
