#include "kernel/fs/ramfs/ramfs.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <new>

#include "kernel/fs/file_time.h"
#include "kernel/mm/frames.h"

namespace tenon::ramfs {
namespace {

class Type final : public FileSystemType {
public:
    Type(std::string_view name, u64 magic, u32 root_permissions)
        : name_(name), magic_(magic), root_permissions_(root_permissions)
    {
    }

    std::string_view name() const override { return name_; }
    NeedsDevice needs_device() const override { return NeedsDevice::no; }
    Result<std::unique_ptr<SuperBlock>> mount(const MountRequest& request) override
    {
        const u32 permissions = TRY(root_permissions(request.options));
        return RamFs::create(magic_, permissions);
    }

private:
    // "mode=" among the options, in octal.
    Result<u32> root_permissions(std::string_view options) const
    {
        u32 permissions = root_permissions_;
        while (!options.empty()) {
            const usize comma = std::min(options.find(','), options.size());
            std::string_view option = options.substr(0, comma);
            options.remove_prefix(std::min(comma + 1, options.size()));
            if (!option.starts_with("mode="))
                continue;
            option.remove_prefix(5);
            const auto [end, error] = std::from_chars(option.data(), option.data() + option.size(), permissions, 8);
            if (error != std::errc() || end != option.data() + option.size())
                return fail(Errno::inval);
        }
        return permissions & mode::permissions;
    }

    std::string_view name_;
    u64 magic_;
    u32 root_permissions_;
};

Type ramfs_type("ramfs", 0x858458f6, 0755);
Type tmpfs_type("tmpfs", 0x01021994, 0777 | mode::sticky);

}  // namespace

Result<> initialise()
{
    TRY(register_file_system(ramfs_type, nullptr));
    return register_file_system(tmpfs_type, nullptr);
}

Result<std::unique_ptr<SuperBlock>> RamFs::create(u64 magic, u32 root_permissions)
{
    std::unique_ptr<RamFs> file_system(new (std::nothrow) RamFs(magic));
    if (!file_system)
        return fail(Errno::nomem);
    file_system->root_ = adopt_ref(new (std::nothrow) RamDirectory(*file_system, root_permissions));
    if (!file_system->root_)
        return fail(Errno::nomem);
    return file_system;
}

FileSystemStatistics RamFs::statistics() const
{
    const frames::Statistics memory = frames::statistics();
    FileSystemStatistics statistics;
    statistics.type = magic_;
    statistics.block_size = page_size;
    statistics.blocks = budget_.used() + memory.free_pages;
    statistics.blocks_free = memory.free_pages;
    statistics.files = next_number_.load(std::memory_order_relaxed);
    return statistics;
}

RamInode::RamInode(RamFs& file_system, u32 mode) : Inode(file_system), attributes_(file_system.next_number(), mode)
{
}

InodeAttributes RamInode::attributes() const
{
    return attributes_.get();
}

Result<> RamInode::set_mode(u32 permissions)
{
    attributes_.set_mode(permissions);
    return {};
}

Result<> RamInode::set_owner(u32 uid, u32 gid)
{
    attributes_.set_owner(uid, gid);
    return {};
}

Result<> RamInode::set_times(TimeSpec accessed, TimeSpec modified)
{
    attributes_.set_times(accessed, modified);
    return {};
}

void RamInode::change_links(int difference)
{
    attributes_.change([&](InodeAttributes& attributes) {
        attributes.links = static_cast<u32>(static_cast<int>(attributes.links) + difference);
        linkable_ = false;
        attributes.changed = file_time_now();
    });
}

bool RamInode::may_be_linked()
{
    bool may = false;
    attributes_.change([&](const InodeAttributes& attributes) { may = attributes.links != 0 || linkable_; });
    return may;
}

void RamInode::make_unnamed(Linkable linkable)
{
    attributes_.change([&](InodeAttributes& attributes) {
        attributes.links = 0;
        linkable_ = linkable == Linkable::yes;
    });
}

RamSymlink::RamSymlink(RamFs& file_system, std::unique_ptr<char[]> target, usize size)
    : RamInode(file_system, mode::symlink | 0777), target_(std::move(target)), size_(size)
{
    attributes_.change([&](InodeAttributes& attributes) { attributes.size = size; });
    charge_.set(charge_.bytes() + heap::usable_size(target_.get()));
}

Result<Ref<RamInode>> RamSymlink::create(RamFs& file_system, std::string_view target)
{
    std::unique_ptr<char[]> copy(new (std::nothrow) char[target.size()]);
    if (!copy)
        return fail(Errno::nomem);
    std::memcpy(copy.get(), target.data(), target.size());
    Ref<RamInode> link = adopt_ref(new (std::nothrow) RamSymlink(file_system, std::move(copy), target.size()));
    if (!link)
        return fail(Errno::nomem);
    return link;
}

Result<usize> RamSymlink::read_symlink(std::span<char> out)
{
    const usize count = std::min(out.size(), size_);  // neither changes after creation
    std::memcpy(out.data(), target_.get(), count);
    return count;
}

}  // namespace tenon::ramfs
