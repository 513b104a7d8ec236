#include "kernel/fs/pipe/pipe_file_system.h"

#include <atomic>
#include <new>

#include "kernel/fs/dentry.h"
#include "kernel/fs/mount.h"
#include "kernel/fs/pipe/pipe.h"
#include "kernel/fs/stored_attributes.h"
#include "kernel/lib/text.h"
#include "kernel/proc/credentials.h"

namespace tenon::pipe_file_system {
namespace {

class PipeInode final : public Inode {
public:
    PipeInode(SuperBlock& file_system, u64 number, Ref<Pipe> pipe)
        : Inode(file_system), attributes_(number, mode::fifo | 0600), pipe_(std::move(pipe))
    {
        const Credentials& maker = current_credentials();
        attributes_.set_owner(maker.user.file, maker.group.file);
    }

    InodeAttributes attributes() const override { return attributes_.get(); }
    Result<> set_mode(u32 permissions) override
    {
        attributes_.set_mode(permissions);
        return {};
    }
    Result<> set_owner(u32 uid, u32 gid) override
    {
        attributes_.set_owner(uid, gid);
        return {};
    }
    Result<> set_times(TimeSpec accessed, TimeSpec modified) override
    {
        attributes_.set_times(accessed, modified);
        return {};
    }
    Result<std::unique_ptr<FileOperations>> open(u32 flags) override { return Pipe::open_end(pipe_, Pipe::mode_of(flags)); }

private:
    StoredAttributes attributes_;
    Ref<Pipe> pipe_;
    ledger::Charge charge_{ledger::Kind::pipes, sizeof(PipeInode)};
};

// The root of the file system, in which nobody ever finds anything.
class RootInode final : public Inode {
public:
    explicit RootInode(SuperBlock& file_system) : Inode(file_system) {}
    InodeAttributes attributes() const override
    {
        InodeAttributes attributes;
        attributes.number = root_number;
        attributes.mode = mode::directory;
        attributes.links = 2;
        return attributes;
    }

    static constexpr u64 root_number = 1;
};

class PipeFileSystem final : public SuperBlock {
public:
    Result<Ref<Inode>> root() override
    {
        Ref<Inode> root = adopt_ref(new (std::nothrow) RootInode(*this));
        if (!root)
            return fail(Errno::nomem);
        return root;
    }
    FileSystemStatistics statistics() const override
    {
        FileSystemStatistics statistics;
        statistics.type = 0x50495045;  // PIPEFS_MAGIC
        return statistics;
    }
    u64 next_number() { return next_number_.fetch_add(1, std::memory_order_relaxed); }

private:
    std::atomic<u64> next_number_{RootInode::root_number + 1};
};

// Not registered: nobody can mount it.
class Type final : public FileSystemType {
public:
    std::string_view name() const override { return "pipefs"; }
    NeedsDevice needs_device() const override { return NeedsDevice::no; }
    Result<std::unique_ptr<SuperBlock>> mount(const MountRequest&) override
    {
        std::unique_ptr<SuperBlock> file_system(new (std::nothrow) PipeFileSystem);
        if (!file_system)
            return fail(Errno::nomem);
        return file_system;
    }
};

Type type;
constinit Mount* nowhere = nullptr;  // attached to no place; made once and kept

}  // namespace

Result<> initialise()
{
    auto file_system = TRY(FileSystem::make_internal(type));
    Ref<Dentry> root = file_system->root();
    nowhere = TRY(Mount::create(std::move(file_system), std::move(root), 0)).leak();
    return {};
}

Result<Path> make_pipe()
{
    auto& file_system = static_cast<PipeFileSystem&>(nowhere->file_system().super_block());
    const u64 number = file_system.next_number();
    auto inode = adopt_ref(new (std::nothrow) PipeInode(file_system, number, TRY(Pipe::create())));
    if (!inode)
        return fail(Errno::nomem);
    const FixedText<32> shown("pipe:[{}]", number);
    auto entry = TRY(Dentry::create({}, shown.view(), std::move(inode)));
    return Path(Ref<Mount>(nowhere), std::move(entry));
}

}  // namespace tenon::pipe_file_system
