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
    name_.write(name);
    // The target of a symbolic link is still coming.
    if (type_of(entry) != mode::symlink)
        report(make(entry));
    return {};
}

void Unpacker::report(Result<> made) const
{
    if (!made)
        log::warning("initramfs", "cannot make {}: {}", name_.view(), made.error());
}

// Nothing of another entry is left at the name, but for a directory where one is wanted. What stands there is removed, never
// opened: it may be a link to elsewhere, a device or a FIFO.
Result<> Unpacker::make_room() const
{
    const Path root = vfs::root();
    const auto present = vfs::resolve(root, name_.view(), vfs::FollowLast::no);
    if (!present)
        return present.error() == Errno::noent ? Result<>() : fail(present.error());
    if (!present->inode().is_directory())
        return vfs::remove_file(root, name_.view());
    return type_of(entry_) == mode::directory ? Result<>() : vfs::remove_directory(root, name_.view());
}

Result<> Unpacker::make(const NewcEntry& entry)
{
    const Path root = vfs::root();
    const std::string_view name = name_.view();
    TRY(make_room());
    switch (type_of(entry)) {
    case mode::regular: return make_file(entry);
    case mode::symlink: return vfs::make_symlink(root, name, target_.view());
    case mode::directory: {
        const auto made = vfs::make_directory(root, name, entry.mode & mode::permissions);
        if (!made && made.error() != Errno::exist)
            return made;
        break;
    }
    case mode::char_device:
    case mode::block_device:
    case mode::fifo:
    case mode::socket: TRY(vfs::make_node(root, name, entry.mode, {entry.node_major, entry.node_minor})); break;
    default: return fail(Errno::inval);
    }
    return set_attributes(TRY(vfs::resolve(root, name, vfs::FollowLast::no)));
}

Result<> Unpacker::make_file(const NewcEntry& entry)
{
    const Path root = vfs::root();
    FirstName* const first = entry.links > 1 ? find_first_name(entry) : nullptr;
    if (first != nullptr) {
        TRY(vfs::make_link(first->path, root, name_.view()));
        file_ = first->path;
        return {};
    }
    const auto file = TRY(vfs::open(root, name_.view(), open_flag::write_only | open_flag::create | open_flag::exclusive,
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
    const auto written = file_.inode().write(bytes, offset_);
    if (written)
        offset_ += *written;
    if (written && *written == bytes.size())
        return {};
    // A part of a file is worse than none.
    log::error("initramfs", "no room for {}: {}", name_.view(), written ? Errno::nospc : written.error());
    file_ = Path();
    static_cast<void>(vfs::remove_file(vfs::root(), name_.view()));
    return {};
}

Result<> Unpacker::end()
{
    if (type_of(entry_) == mode::symlink && name_.size() != 0)
        report(target_.truncated() ? fail(Errno::nametoolong) : make(entry_));
    else if (!file_.is_empty())
        report(set_attributes(file_));
    return {};
}

}  // namespace tenon::initramfs
