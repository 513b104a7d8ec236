#include "kernel/mm/file_pages.h"

#include "kernel/fs/path.h"
#include "kernel/mm/memory_limits.h"

namespace tenon {

Result<Ref<FilePages>> FilePages::create(Ref<OpenFile> file)
{
    auto pages = adopt_ref(new (std::nothrow) FilePages(std::move(file)));
    if (!pages)
        return fail(Errno::nomem);
    return pages;
}

Result<PageRef> FilePages::page(u64 index)
{
    Inode* inode = file_->inode();
    if (inode != nullptr) {
        const InodeAttributes attributes = inode->attributes();
        const bool regular = (attributes.mode & mode::type_mask) == mode::regular;
        if (regular && index >= (attributes.size + page_size - 1) / page_size)
            return fail(Errno::nxio);
    }
    auto shared = file_->page(index);
    if (shared || shared.error() != Errno::nodev)
        return shared;
    TRY(memory_limits::require_user_page());
    auto copy = TRY(PageRef::allocate_zeroed());
    TRY(file_->read_at(copy.bytes(), index * page_size));
    return copy;
}

PageSource::Identity FilePages::identity() const
{
    if (file_->inode() == nullptr)
        return {};
    return {.device = 0, .inode = file_->inode()->attributes().number};
}

void FilePages::print_name(TextSink& out) const
{
    if (!file_->path().is_empty())
        file_->path().print(out);
}

Result<Ref<SharedMemory>> SharedMemory::create(u64 pages)
{
    if (!memory_limits::is_plausible(pages))
        return fail(Errno::nomem);
    auto memory = adopt_ref(new (std::nothrow) SharedMemory);
    if (!memory)
        return fail(Errno::nomem);
    memory->pages_.reset(new (std::nothrow) PageRef[pages]);
    if (!memory->pages_)
        return fail(Errno::nomem);
    memory->count_ = pages;
    return memory;
}

SharedMemory::~SharedMemory()
{
    for (u64 index = 0; index < count_; ++index) {
        static_cast<void>(resched_point());
        pages_[index] = PageRef();
    }
}

Result<PageRef> SharedMemory::page(u64 index)
{
    LockGuard guard(mutex_);
    if (index >= count_)
        return fail(Errno::nxio);
    PageRef& slot = pages_[index];
    if (!slot) {
        TRY(memory_limits::require_user_page());
        slot = TRY(PageRef::allocate_zeroed());
    }
    return slot;
}

void SharedMemory::print_name(TextSink& out) const
{
    out.write("/dev/zero (deleted)");
}

}  // namespace tenon
