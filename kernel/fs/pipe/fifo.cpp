#include "kernel/fs/pipe/fifo.h"

#include <new>

#include "kernel/fs/open_file.h"
#include "kernel/fs/pipe/pipe.h"

namespace tenon::fifo {
namespace {

// A pipe in use under a name. While one of its ends is open, the open file keeps the inode.
struct Named : boost::intrusive::list_base_hook<> {
    const Inode* inode = nullptr;
    Ref<Pipe> pipe;
    u32 ends = 0;
};

Mutex mutex;
boost::intrusive::list<Named> in_use;  // protected by mutex, as the counts of its members

Result<Named*> join(const Inode& inode)
{
    LockGuard guard(mutex);
    for (Named& named : in_use)
        if (named.inode == &inode) {
            ++named.ends;
            return &named;
        }
    std::unique_ptr<Named> named(new (std::nothrow) Named);
    if (!named)
        return fail(Errno::nomem);
    named->inode = &inode;
    named->pipe = TRY(Pipe::create());
    named->ends = 1;
    in_use.push_back(*named);
    return named.release();
}

void leave(Named& named)
{
    LockGuard guard(mutex);
    if (--named.ends != 0)
        return;
    in_use.erase(in_use.iterator_to(named));
    delete &named;
}

// One opened end: passes everything on to the pipe's own end, and leaves the name at close.
class FifoEnd final : public FileOperations {
public:
    explicit FifoEnd(Named& named) : named_(named) {}
    ~FifoEnd() override
    {
        end_.reset();
        leave(named_);
    }

    Result<> connect(Pipe::Mode mode, bool may_block)
    {
        Pipe& pipe = *named_.pipe;
        const u32 readers = pipe.readers_so_far();
        const u32 writers = pipe.writers_so_far();
        if (mode == Pipe::Mode::write && !may_block && !pipe.has_readers())
            return fail(Errno::nxio);
        end_ = TRY(Pipe::open_end(named_.pipe, mode));
        if (mode == Pipe::Mode::both || !may_block)
            return {};
        return pipe.events().wait_until(Interruptible::yes, [&] {
            if (mode == Pipe::Mode::read)
                return pipe.has_writers() || pipe.writers_so_far() != writers;
            return pipe.has_readers() || pipe.readers_so_far() != readers;
        });
    }

    Result<usize> read(std::span<std::byte> out, u64 offset, u32 flags) override { return end_->read(out, offset, flags); }
    Result<usize> write(std::span<const std::byte> data, u64 offset, u32 flags) override
    {
        return end_->write(data, offset, flags);
    }
    Result<i64> ioctl(u32 request, u64 argument) override { return end_->ioctl(request, argument); }
    u32 poll(PollTable& table) override { return end_->poll(table); }
    Result<usize> pipe_size() const override { return end_->pipe_size(); }
    Result<usize> set_pipe_size(usize wanted) override { return end_->set_pipe_size(wanted); }

private:
    Named& named_;
    std::unique_ptr<FileOperations> end_;
};

}  // namespace

Result<std::unique_ptr<FileOperations>> open(const Inode& inode, u32 flags)
{
    Named* const named = TRY(join(inode));
    std::unique_ptr<FifoEnd> end(new (std::nothrow) FifoEnd(*named));
    if (!end) {
        leave(*named);
        return fail(Errno::nomem);
    }
    TRY(end->connect(Pipe::mode_of(flags), (flags & open_flag::nonblock) == 0));
    return end;
}

}  // namespace tenon::fifo
