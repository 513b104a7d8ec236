#include "kernel/fs/pseudo/node.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "kernel/fs/file_time.h"

namespace tenon::pseudo {
namespace {

template <typename T, typename... Args>
Result<Ref<T>> make(Args&&... args)
{
    auto node = adopt_ref(new (std::nothrow) T(std::forward<Args>(args)...));
    if (!node)
        return fail(Errno::nomem);
    return node;
}

}  // namespace

Node::Node(Tree& tree, u32 mode)
    : Inode(tree), tree_(tree), mode_(mode), number_(tree.next_inode_number()), created_(file_time_now())
{
}

InodeAttributes Node::attributes() const
{
    InodeAttributes attributes;
    attributes.number = number_;
    attributes.mode = mode_.load(std::memory_order_relaxed);
    attributes.links = (attributes.mode & mode::type_mask) == mode::directory ? 2 : 1;
    attributes.accessed = attributes.modified = attributes.changed = created_;
    return attributes;
}

Result<> Node::set_mode(u32 permissions)
{
    const u32 type = mode_.load(std::memory_order_relaxed) & mode::type_mask;
    mode_.store(type | permissions, std::memory_order_relaxed);
    return {};
}

Result<usize> Link::read_symlink(std::span<char> out)
{
    FixedText<1024> text;
    TRY(target(text));
    const usize count = std::min(out.size(), text.size());
    std::memcpy(out.data(), text.c_str(), count);
    return count;
}

Result<> FixedLink::target(TextSink& out)
{
    out.write(target_.view());
    return {};
}

Result<> Directory::add(std::string_view name, Ref<Inode> node)
{
    LockGuard guard(mutex_);
    return entries_.add(name, std::move(node));
}

Result<Ref<Directory>> Directory::make_directory(std::string_view name)
{
    auto directory = TRY(make<Directory>(tree()));
    LockGuard guard(mutex_);
    if (Inode* const there = entries_.find(name)) {
        if (!there->is_directory())
            return fail(Errno::exist);
        return Ref<Directory>(static_cast<Directory*>(there));
    }
    TRY(entries_.add(name, directory));
    return directory;
}

Result<> Directory::add_link(std::string_view name, std::string_view target)
{
    return add(name, TRY(make<FixedLink>(tree(), target)));
}

Result<> Directory::add_file(std::string_view name, u32 permissions, FunctionFile::Generate generate,
                             FunctionFile::Store store)
{
    return add(name, TRY(make<FunctionFile>(tree(), permissions, generate, store)));
}

void Directory::remove(std::string_view name)
{
    Ref<Inode> node;
    LockGuard guard(mutex_);
    node = entries_.take(name);
}

Result<Ref<Inode>> Directory::lookup(std::string_view name)
{
    {
        LockGuard guard(mutex_);
        if (Inode* const found = entries_.find(name))
            return Ref<Inode>(found);
    }
    if (DynamicChildren* const children = dynamic_.load(std::memory_order_acquire))
        return children->lookup(name);
    return fail(Errno::noent);
}

// Kept entries first; their cookies stay below first_dynamic_cookie.
Result<> Directory::read_directory(u64 cookie, DirectorySink& sink)
{
    class Kept final : public DirectorySink {
    public:
        explicit Kept(DirectorySink& target) : target_(target) {}
        bool emit(std::string_view name, u64 inode_number, u32 type, u64 next_cookie) override
        {
            is_full_ = !target_.emit(name, inode_number, type, next_cookie);
            return !is_full_;
        }
        bool is_full() const { return is_full_; }

    private:
        DirectorySink& target_;
        bool is_full_ = false;
    };

    class Dynamic final : public DirectorySink {
    public:
        explicit Dynamic(DirectorySink& target) : target_(target) {}
        bool emit(std::string_view name, u64 inode_number, u32 type, u64 next_cookie) override
        {
            return target_.emit(name, inode_number, type, next_cookie + first_dynamic_cookie);
        }

    private:
        DirectorySink& target_;
    };

    if (cookie < first_dynamic_cookie) {
        Kept kept(sink);
        LockGuard guard(mutex_);
        entries_.list(cookie, kept);
        if (kept.is_full())
            return {};
    }
    DynamicChildren* const children = dynamic_.load(std::memory_order_acquire);
    if (children == nullptr)
        return {};
    Dynamic shifted(sink);
    return children->read(std::max(cookie, first_dynamic_cookie) - first_dynamic_cookie, shifted);
}

}  // namespace tenon::pseudo
