#include "kernel/fs/caller.h"
#include "kernel/fs/file_system.h"
#include <tenon/module.h>

// The registered file-system types.

namespace tenon {
namespace {

struct TypeList {
    Mutex mutex;
    boost::intrusive::list<FileSystemType> types;  // protected by mutex
};

// Made at its first use: global objects may register before this file's own ones exist.
TypeList& list()
{
    static TypeList instance;
    return instance;
}

FileSystemType* find_locked(std::string_view name)
{
    for (FileSystemType& type : list().types)
        if (type.name() == name)
            return &type;
    return nullptr;
}

}  // namespace

Result<> register_file_system(FileSystemType& type, ModuleHandle* owner)
{
    LockGuard guard(list().mutex);
    if (find_locked(type.name()) != nullptr)
        return fail(Errno::exist);
    type.owner = owner;
    list().types.push_back(type);
    return {};
}

void unregister_file_system(FileSystemType& type)
{
    LockGuard guard(list().mutex);
    list().types.erase(list().types.iterator_to(type));
}

namespace file_systems {

Result<PinnedType> find(std::string_view name, std::string_view source)
{
    LockGuard guard(list().mutex);
    PinnedType pinned{find_locked(name), {}};
    if (pinned.type == nullptr)
        return fail(Errno::nodev);
    pinned.pin = TRY(caller::hold(pinned.type->owner, HolderKind::mount, {source, " as ", name}));
    return pinned;
}

void describe(TextSink& out)
{
    LockGuard guard(list().mutex);
    for (const FileSystemType& type : list().types)
        format_to(out, "{}\t{}\n", type.needs_device() == NeedsDevice::yes ? "" : "nodev", type.name());
}

}  // namespace file_systems
}  // namespace tenon
