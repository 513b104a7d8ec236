#pragma once

#include <atomic>
#include <memory>
#include <string_view>

#include "kernel/fs/directory_table.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include <tenon/fs.h>
#include <tenon/sync.h>

// Files that the kernel makes up: what /proc and /sys consist of. Everything is counted by reference, so a node that is
// taken out of its directory lives on until the last process has closed it.

namespace tenon::pseudo {

class Directory;

// One tree, mounted any number of times. Made once at boot; the file-system type hands it out for ever.
class Tree final : public SuperBlock {
public:
    // Registers the file-system type and makes its only instance.
    static Result<Tree*> create(std::string_view type_name, u64 magic);
    ~Tree() override;

    Directory& root_directory() const;
    Result<Ref<Inode>> root() override { return root_; }
    FileSystemStatistics statistics() const override;
    u64 next_inode_number() { return next_number_.fetch_add(1, std::memory_order_relaxed); }

private:
    class Type;
    explicit Tree(u64 magic) : magic_(magic) {}

    u64 magic_;
    Ref<Inode> root_;
    std::atomic<u64> next_number_{1};
};

// Base of all nodes: constant mode, size 0, the time at which it was made.
class Node : public Inode {
public:
    Node(Tree& tree, u32 mode);
    InodeAttributes attributes() const override;
    Result<> set_mode(u32 permissions) override;
    Result<> set_times(TimeSpec, TimeSpec) override { return {}; }
    Result<> truncate(u64) override { return {}; }  // `echo value > file` cuts it off first
    bool caches_names() const override { return false; }
    Tree& tree() const { return tree_; }

private:
    Tree& tree_;
    std::atomic<u32> mode_;
    u64 number_;
    TimeSpec created_;
};

// A file whose text is made when it is read from its start. Derive and generate.
class TextFile : public Node {
public:
    TextFile(Tree& tree, u32 permissions) : Node(tree, mode::regular | permissions) {}
    virtual Result<> generate(TextSink& out) = 0;
    // One write(2), whole; a trailing newline is still there.
    virtual Result<> store(std::string_view text);
    Result<std::unique_ptr<FileOperations>> open(u32 flags) override;
};

// Whether addresses of the kernel are shown as they are, or as 0.
enum class Addresses : u8 { hidden, shown };
constexpr u64 shown_address(u64 address, Addresses addresses)
{
    return addresses == Addresses::shown ? address : 0;
}

// A TextFile that tells where things of the kernel stand, to those alone who had Capability::syslog when they opened it: a privileged
// program that is handed the open file by somebody else shows no more.
class AddressFile : public TextFile {
public:
    AddressFile(Tree& tree, u32 permissions) : TextFile(tree, permissions) {}
    Result<> generate(TextSink& out) final { return generate(out, Addresses::hidden); }
    virtual Result<> generate(TextSink& out, Addresses addresses) = 0;
    Result<std::unique_ptr<FileOperations>> open(u32 flags) final;
};

// A TextFile made of functions.
class FunctionFile final : public TextFile {
public:
    using Generate = void (*)(TextSink& out);
    using Store = Result<> (*)(std::string_view text);
    FunctionFile(Tree& tree, u32 permissions, Generate generator, Store setter)
        : TextFile(tree, permissions), generate_(generator), store_(setter)
    {
    }
    Result<> generate(TextSink& out) override;
    Result<> store(std::string_view text) override;

private:
    Generate generate_;
    Store store_;
};

// A symbolic link whose target is made when it is followed. Derive and say where it leads.
class Link : public Node {
public:
    explicit Link(Tree& tree) : Node(tree, mode::symlink | 0777) {}
    virtual Result<> target(TextSink& out) = 0;
    Result<usize> read_symlink(std::span<char> out) override;
};

// A link to a fixed place.
class FixedLink final : public Link {
public:
    FixedLink(Tree& tree, std::string_view target) : Link(tree) { target_.write(target); }
    Result<> target(TextSink& out) override;

private:
    FixedText<240> target_;
};

// Entries that are found when asked for, such as /proc/PID. Nothing is kept, so they cost nothing while nobody looks.
class DynamicChildren {
public:
    virtual Result<Ref<Inode>> lookup(std::string_view name) = 0;  // Errno::noent
    // Cookies are the implementation's own: 0 starts.
    virtual Result<> read(u64 cookie, DirectorySink& sink) = 0;

protected:
    ~DynamicChildren() = default;
};

// A directory with kept entries and, after them, dynamic ones.
class Directory final : public Node {
public:
    explicit Directory(Tree& tree, u32 permissions = 0555) : Node(tree, mode::directory | permissions) {}
    // Errno::exist, nomem.
    Result<> add(std::string_view name, Ref<Inode> node);
    // Makes the directory or gives the one that is there; Errno::exist when the name is something else.
    Result<Ref<Directory>> make_directory(std::string_view name);
    Result<> add_link(std::string_view name, std::string_view target);
    Result<> add_file(std::string_view name, u32 permissions, FunctionFile::Generate generate,
                      FunctionFile::Store store = nullptr);
    // An AddressFile.
    Result<> add_address_file(std::string_view name, u32 permissions, void (*generate)(TextSink& out, Addresses addresses));
    // Nothing happens when there is no such entry. Takes a whole tree below it out too.
    void remove(std::string_view name);
    // `children` stays valid as long as the directory is reachable.
    void set_dynamic(DynamicChildren& children) { dynamic_.store(&children, std::memory_order_release); }

    Result<Ref<Inode>> lookup(std::string_view name) override;
    Result<> read_directory(u64 cookie, DirectorySink& sink) override;

private:
    Mutex mutex_;
    DirectoryTable entries_;  // protected by mutex_
    std::atomic<DynamicChildren*> dynamic_{nullptr};
};

// Where dynamic entries begin in the cookies of a Directory: below stand the kept ones.
constexpr u64 first_dynamic_cookie = u64{1} << 40;

}  // namespace tenon::pseudo
