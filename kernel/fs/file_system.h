#pragma once

#include <memory>
#include <string_view>

#include <boost/intrusive/list.hpp>

#include "kernel/dev/block/registry.h"
#include "kernel/fs/dentry.h"
#include "kernel/fs/path.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include <tenon/fs.h>
#include <tenon/module.h>

namespace tenon {

// A file system in use: the super block with its root name, the pinned type and device. Lives while it is mounted somewhere or
// an unmounted part of it is still open.
class FileSystem final : public RefCounted, public boost::intrusive::list_base_hook<> {
public:
    // Gives the one instance of a type that has no more than one. `source` names the device when the type needs one.
    static Result<Ref<FileSystem>> open(std::string_view type_name, const Path& base, std::string_view source, u64 flags,
                                        std::string_view options);
    // Of a type that is not registered, for the kernel's own use.
    static Result<Ref<FileSystem>> make_internal(FileSystemType& type);
    ~FileSystem();

    FileSystemType& type() const { return type_; }
    SuperBlock& super_block() const { return *super_block_; }
    const Ref<Dentry>& root() const { return root_; }
    std::string_view source() const { return source_.view(); }
    u64 device_number() const { return device_number_; }  // st_dev

private:
    friend class FileSystemList;
    explicit FileSystem(FileSystemType& type) : type_(type) {}

    FileSystemType& type_;
    ModuleReference type_pin_;
    block::Pin device_;
    std::unique_ptr<SuperBlock> super_block_;
    Ref<Dentry> root_;
    FixedText<120> source_;
    u64 device_number_ = 0;
};

namespace file_systems {

// A type with its owner pinned for the mount of `source`. Errno::nodev when no such type is registered, nomem.
struct PinnedType {
    FileSystemType* type;
    ModuleReference pin;
};
Result<PinnedType> find(std::string_view name, std::string_view source);

void describe(TextSink& out);  // /proc/filesystems

}  // namespace file_systems
}  // namespace tenon
