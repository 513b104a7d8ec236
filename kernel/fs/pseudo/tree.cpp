#include <new>

#include "kernel/fs/file_system.h"
#include "kernel/fs/pseudo/node.h"

namespace tenon::pseudo {

// Hands its tree to the one file system that is made of it.
class Tree::Type final : public FileSystemType {
public:
    Type(std::string_view name, std::unique_ptr<Tree> tree) : name_(name), tree_(std::move(tree)) {}

    std::string_view name() const override { return name_; }
    NeedsDevice needs_device() const override { return NeedsDevice::no; }
    bool has_one_instance() const override { return true; }
    Result<std::unique_ptr<SuperBlock>> mount(const MountRequest&) override { return std::move(tree_); }

private:
    std::string_view name_;
    std::unique_ptr<Tree> tree_;
};

Result<Tree*> Tree::create(std::string_view type_name, u64 magic)
{
    std::unique_ptr<Tree> tree(new (std::nothrow) Tree(magic));
    if (!tree)
        return fail(Errno::nomem);
    Tree* const made = tree.get();
    made->root_ = adopt_ref(new (std::nothrow) Directory(*made));
    auto* const type = new (std::nothrow) Type(type_name, std::move(tree));
    if (!made->root_ || type == nullptr)
        return fail(Errno::nomem);
    TRY(register_file_system(*type, nullptr));
    TRY(FileSystem::open(type_name, {}, type_name, 0, {})).leak();
    return made;
}

Tree::~Tree() = default;

Directory& Tree::root_directory() const
{
    return static_cast<Directory&>(*root_);
}

FileSystemStatistics Tree::statistics() const
{
    FileSystemStatistics statistics;
    statistics.type = magic_;
    return statistics;
}

}  // namespace tenon::pseudo
