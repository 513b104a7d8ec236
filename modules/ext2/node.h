#pragma once

#include <boost/intrusive/set.hpp>

#include "modules/ext2/volume/directory_block.h"
#include "modules/ext2/volume/volume.h"
#include <tenon/fs.h>
#include <tenon/page_cache.h>

namespace tenon::ext2 {

class MountedVolume;

// An inode in use. Its content, a directory's entries too, goes through a page cache of its own, so that mmap and execve
// share the pages with read.
class Node final : public Inode, public boost::intrusive::set_base_hook<>, private PageFiller {
public:
    Node(MountedVolume& volume, const InodeRecord& record);
    ~Node() override;

    u32 number() const { return record_.number; }

    InodeAttributes attributes() const override;
    Result<usize> read(std::span<std::byte> out, u64 offset) override;
    Result<PageRef> page(u64 index) override;
    Result<Ref<Inode>> lookup(std::string_view name) override;
    Result<> read_directory(u64 cookie, DirectorySink& sink) override;
    Result<usize> read_symlink(std::span<char> out) override;

    Result<usize> write(std::span<const std::byte>, u64) override { return fail(Errno::rofs); }
    Result<> truncate(u64) override { return fail(Errno::rofs); }
    Result<Ref<Inode>> create(std::string_view, u32, DeviceNumber) override { return fail(Errno::rofs); }
    Result<> symlink(std::string_view, std::string_view) override { return fail(Errno::rofs); }
    Result<> link(std::string_view, Inode&) override { return fail(Errno::rofs); }
    Result<> unlink(std::string_view) override { return fail(Errno::rofs); }
    Result<> rmdir(std::string_view) override { return fail(Errno::rofs); }
    Result<> rename(std::string_view, Inode&, std::string_view) override { return fail(Errno::rofs); }
    Result<> set_mode(u32) override { return fail(Errno::rofs); }
    Result<> set_owner(u32, u32) override { return fail(Errno::rofs); }
    Result<> set_times(TimeSpec, TimeSpec) override { return fail(Errno::rofs); }

private:
    u64 page_count() const override { return (record_.size + page_size - 1) / page_size; }
    Result<> fill_page(u64 index, std::span<std::byte> page) override;
    Result<> fill_pages(u64 first, std::span<const std::span<std::byte>> pages) override;

    // Calls visit(entry, offset of the block in the directory) for the entries from `offset` on, until it returns false.
    template <typename Visit>
    Result<> for_each_entry(u64 offset, Visit&& visit);

    MountedVolume& volume_;
    const InodeRecord record_;
    PageCache pages_;
};

}  // namespace tenon::ext2
