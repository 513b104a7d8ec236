#include "kernel/fs/file_pages.h"

#include <new>

#include "kernel/fs/path.h"
#include "kernel/mm/ledger.h"

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
    const InodeAttributes attributes = file_->inode().attributes();
    const bool regular = (attributes.mode & mode::type_mask) == mode::regular;
    if (regular && index >= (attributes.size + page_size - 1) / page_size)
        return fail(Errno::nxio);
    auto shared = file_->page(index);
    if (shared || shared.error() != Errno::nodev)
        return shared;
    auto copy = TRY(ledger::allocate_page(ledger::Kind::anonymous, frames::Zeroed::yes));
    TRY(file_->read_at(copy.bytes(), index * page_size));
    return copy;
}

const void* FilePages::object() const
{
    return &file_->inode();
}

PageSource::Identity FilePages::identity() const
{
    return {.device = 0, .inode = file_->inode().attributes().number};
}

void FilePages::print_name(TextSink& out) const
{
    file_->path().print(out);
}

}  // namespace tenon
