// /dev/waiting: a read waits until `echo 1 > parameters/release`, however long that takes. It has a position, so that a second reader
// of the same open file waits for the first. While parameters/hold is 1 a look at parameters/look waits, as does the last close,
// /dev/waitingdisk holds its transfers, and the file system "waitingfs" each look for a name and each sync. With fail_when_open=1 init waits
// until somebody has the device open, and fails then; with slow_exit=1 exit waits for the same as a read.

#include <atomic>
#include <cstring>
#include <new>

#include <tenon/block.h>
#include <tenon/char_device.h>
#include <tenon/fs.h>
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

Result<> wait_while_held()
{
    while (std::atomic_ref(hold).load())
        TRY(sleep_for(step, Interruptible::killable));
    return {};
}

class WaitingFile final : public FileOperations {
public:
    WaitingFile() { open_files.fetch_add(1); }
    ~WaitingFile() override
    {
        static_cast<void>(wait_while_held());
        open_files.fetch_sub(1);
    }
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
    u64 sector_count() const override { return 262144; }
    Result<> read_sectors(u64, std::span<std::byte> out) override
    {
        TRY(wait_while_held());
        std::memset(out.data(), 0, out.size());
        return {};
    }
    Result<> write_sectors(u64, std::span<const std::byte>) override { return wait_while_held(); }
};

// Whose names that start with "folder" are such directories, too; others it does not have.
class WaitingDirectory final : public Inode {
public:
    using Inode::Inode;
    static Result<Ref<Inode>> make(SuperBlock& super_block)
    {
        Ref<Inode> directory = adopt_ref<Inode>(new (std::nothrow) WaitingDirectory(super_block));
        if (!directory)
            return fail(Errno::nomem);
        return directory;
    }
    InodeAttributes attributes() const override
    {
        InodeAttributes attributes;
        attributes.number = 1;
        attributes.mode = mode::directory | 0755;
        return attributes;
    }
    Result<Ref<Inode>> lookup(std::string_view name) override
    {
        if (name.starts_with("folder"))
            return make(super_block());
        TRY(wait_while_held());
        return fail(Errno::noent);
    }
    bool caches_names() const override { return false; }
};

class WaitingSuperBlock final : public SuperBlock {
public:
    Result<Ref<Inode>> root() override { return WaitingDirectory::make(*this); }
    FileSystemStatistics statistics() const override { return {}; }
    Result<> sync() override { return wait_while_held(); }
};

class WaitingFileSystem final : public FileSystemType {
public:
    std::string_view name() const override { return "waitingfs"; }
    NeedsDevice needs_device() const override { return NeedsDevice::no; }
    Result<std::unique_ptr<SuperBlock>> mount(const MountRequest&) override
    {
        std::unique_ptr<SuperBlock> mounted(new (std::nothrow) WaitingSuperBlock);
        if (!mounted)
            return fail(Errno::nomem);
        return mounted;
    }
};

void look(const Parameter&, TextSink& out)
{
    out.write(wait_while_held() ? "looked" : "killed");
}

constexpr ParameterOperations look_operations = {nullptr, look};

WaitingDevice device;
const Registration<register_char_device, unregister_char_device> registration{device, "waiting"};
WaitingDisk disk;
const Registration<register_block_device, unregister_block_device> disk_registration{disk, "waiting"};
WaitingFileSystem file_system;
const Registration<register_file_system, unregister_file_system> file_system_registration{file_system};

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
module_param_custom(look, look_operations, hold, "text", 0444);
module_param(fail_when_open, bool, 0);
module_param(slow_exit, bool, 0);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: a driver that waits");
