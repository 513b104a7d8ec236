#include "kernel/fs/initramfs/unpacker.h"

#include <new>

#include "kernel/fs/vfs.h"
#include <tenon/log.h>

namespace tenon::initramfs {
namespace {

u32 type_of(const NewcEntry& entry)
{
    return entry.mode & mode::type_mask;
}

// Archives name things "a", "./a" or "/a".
std::string_view clean(std::string_view name)
{
    while (name.starts_with("./") || name.starts_with('/'))
        name.remove_prefix(name.front() == '/' ? 1 : 2);
    return name == "." ? std::string_view() : name;
}

}  // namespace

Unpacker::~Unpacker()
{
    archive_end();
}

void Unpacker::archive_end()
{
    first_names_.clear_and_dispose([](FirstName* name) { delete name; });
}

Unpacker::FirstName* Unpacker::find_first_name(const NewcEntry& entry)
{
    for (FirstName& first : first_names_)
        if (first.entry.inode == entry.inode && first.entry.device_major == entry.device_major &&
            first.entry.device_minor == entry.device_minor)
            return &first;
    return nullptr;
}

Result<> Unpacker::remember_first_name(const NewcEntry& entry, const Path& path)
{
    auto* const first = new (std::nothrow) FirstName;
    if (first == nullptr)
        return fail(Errno::nomem);
    first->entry = entry;
    first->path = path;
    first_names_.push_back(*first);
    return {};
}

Result<> Unpacker::begin(const NewcEntry& entry)
{
    entry_ = entry;
    file_ = Path();
    offset_ = 0;
    name_.clear();
    target_.clear();
    const std::string_view name = clean(entry.name);
    if (name.empty())
        return {};
    const auto made = make(entry, name);
    if (!made && made.error() == Errno::nomem)
        return made;
    if (!made)
        log::warning("initramfs", "cannot make {}: {}", name, made.error());
    return {};
}

Result<> Unpacker::make(const NewcEntry& entry, std::string_view name)
{
    const Path root = vfs::root();
    const u32 permissions = entry.mode & mode::permissions;
    switch (type_of(entry)) {
    case mode::regular: return make_file(entry, name);
    case mode::symlink: name_.write(name); return {};
    case mode::directory: {
        const auto made = vfs::make_directory(root, name, permissions);
        if (!made && made.error() != Errno::exist)
            return made;
        break;
    }
    case mode::char_device:
    case mode::block_device:
    case mode::fifo:
    case mode::socket:
        static_cast<void>(vfs::remove_file(root, name));
        TRY(vfs::make_node(root, name, entry.mode, {entry.node_major, entry.node_minor}));
        break;
    default: return fail(Errno::inval);
    }
    return set_attributes(TRY(vfs::resolve(root, name, vfs::FollowLast::no)));
}

// A later archive replaces the file of an earlier one.
Result<> Unpacker::make_file(const NewcEntry& entry, std::string_view name)
{
    const Path root = vfs::root();
    FirstName* const first = entry.links > 1 ? find_first_name(entry) : nullptr;
    if (first != nullptr) {
        static_cast<void>(vfs::remove_file(root, name));
        TRY(vfs::make_link(first->path, root, name));
        file_ = first->path;
        return {};
    }
    auto file = TRY(vfs::open(root, name, open_flag::write_only | open_flag::create | open_flag::truncate | open_flag::no_follow,
                              entry.mode & mode::permissions));
    file_ = file->path();
    if (entry.links > 1)
        TRY(remember_first_name(entry, file_));
    return {};
}

Result<> Unpacker::set_attributes(const Path& path) const
{
    TRY(path.inode().set_mode(entry_.mode & mode::permissions));
    TRY(path.inode().set_owner(entry_.uid, entry_.gid));
    const TimeSpec time{entry_.modified, 0};
    return path.inode().set_times(time, time);
}

Result<> Unpacker::data(std::span<const std::byte> bytes)
{
    if (type_of(entry_) == mode::symlink) {
        target_.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        return {};
    }
    if (file_.is_empty())
        return {};
    const usize written = TRY(file_.inode().write(bytes, offset_));
    offset_ += written;
    if (written < bytes.size())
        return fail(Errno::nospc);
    return {};
}

Result<> Unpacker::end()
{
    if (type_of(entry_) == mode::symlink && name_.size() != 0) {
        const Path root = vfs::root();
        auto made = vfs::make_symlink(root, name_.view(), target_.view());
        if (!made && made.error() == Errno::exist && vfs::remove_file(root, name_.view()))
            made = vfs::make_symlink(root, name_.view(), target_.view());
        if (!made)
            log::warning("initramfs", "cannot make {}: {}", name_.view(), made.error());
        return {};
    }
    if (!file_.is_empty())
        return set_attributes(file_);
    return {};
}

}  // namespace tenon::initramfs
