#include "kernel/fs/file_system.h"

#include <new>

#include "kernel/fs/mount.h"
#include "kernel/fs/name_cache.h"

namespace tenon {

// All file systems in use, for types with one instance, sync(2) and fresh device numbers.
class FileSystemList {
public:
    static Ref<FileSystem> find_instance(const FileSystemType& type)
    {
        LockGuard guard(lock_);
        for (FileSystem& file_system : list_)
            if (&file_system.type_ == &type && file_system.try_acquire())
                return Ref<FileSystem>::adopt(&file_system);
        return {};
    }

    static void add(FileSystem& file_system)
    {
        LockGuard guard(lock_);
        if (file_system.device_number_ == 0)
            file_system.device_number_ = DeviceNumber{0, next_anonymous_++}.encode();
        list_.push_back(file_system);
    }

    static void remove(FileSystem& file_system)
    {
        LockGuard guard(lock_);
        if (file_system.is_linked())
            list_.erase(list_.iterator_to(file_system));
    }

    static Result<Ref<FileSystem>> make(file_systems::PinnedType type, block::Pin device, std::string_view source, u64 flags,
                                        std::string_view options);

private:
    static Spinlock lock_;
    static boost::intrusive::list<FileSystem> list_;  // protected by lock_
    static u32 next_anonymous_;                       // protected by lock_
};

Spinlock FileSystemList::lock_;
boost::intrusive::list<FileSystem> FileSystemList::list_;
u32 FileSystemList::next_anonymous_ = 1;

namespace {

Result<block::Pin> find_device(const Path& base, std::string_view source)
{
    const Path path = TRY(vfs::resolve(base, source, vfs::FollowLast::yes));
    const InodeAttributes attributes = path.inode().attributes();
    if ((attributes.mode & mode::type_mask) != mode::block_device)
        return fail(Errno::notblk);
    return block::Pin::take(attributes.device);
}

}  // namespace

Result<Ref<FileSystem>> FileSystemList::make(file_systems::PinnedType type, block::Pin device, std::string_view source,
                                             u64 flags, std::string_view options)
{
    auto made = adopt_ref(new (std::nothrow) FileSystem(*type.type));
    if (!made)
        return fail(Errno::nomem);
    made->type_pin_ = std::move(type.pin);
    made->device_ = std::move(device);
    made->source_.write(source);
    BlockDevice* const disk = made->device_.get();
    if (disk != nullptr)
        made->device_number_ = disk->number.encode();
    made->super_block_ = TRY(made->type_.mount({.source = source, .options = options, .flags = flags, .device = disk}));
    auto root = TRY(made->super_block_->root());
    made->root_ = TRY(Dentry::create({}, {}, std::move(root)));
    add(*made);
    return made;
}

Result<Ref<FileSystem>> FileSystem::open(std::string_view type_name, const Path& base, std::string_view source, u64 flags,
                                         std::string_view options)
{
    auto type = TRY(file_systems::find(type_name, source));
    if (type.type->has_one_instance())
        if (auto instance = FileSystemList::find_instance(*type.type))
            return instance;
    block::Pin device;
    if (type.type->needs_device() == NeedsDevice::yes)
        device = TRY(find_device(base, source));
    return FileSystemList::make(std::move(type), std::move(device), source, flags, options);
}

Result<Ref<FileSystem>> FileSystem::make_internal(FileSystemType& type)
{
    return FileSystemList::make({.type = &type, .pin = {}}, {}, type.name(), 0, {});
}

// Names first, then the file system itself, then what kept its code and its device.
FileSystem::~FileSystem()
{
    FileSystemList::remove(*this);
    if (!super_block_)
        return;
    NameCache::shrink(super_block_.get());
    root_.reset();
    super_block_.reset();
}

}  // namespace tenon
