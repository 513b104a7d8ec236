#pragma once

#include <string_view>

#include "kernel/fs/dentry.h"
#include "kernel/lib/text.h"

namespace tenon {

// The table of known names of all file systems. It holds a reference to each entry; entries that nobody else holds are dropped,
// oldest first, when there are more than `limit`, and at once by shrink(). All functions may block.
class NameCache {
public:
    static constexpr usize limit = 8192;

    // The entry for `name` in the directory `parent`, asking the file system when it is not known; possibly negative. The
    // caller does not hold parent's names_mutex.
    static Result<Ref<Dentry>> look_up(const Ref<Dentry>& parent, std::string_view name);
    // The same for a caller that holds parent's names_mutex.
    static Result<Ref<Dentry>> look_up_locked(const Ref<Dentry>& parent, std::string_view name);

    // A name was made: `negative` gives way to an entry for `inode`. names_mutex of the parent is held.
    static Result<Ref<Dentry>> made(const Ref<Dentry>& parent, std::string_view name, Dentry& negative, Ref<Inode> inode);
    // A name that leads nowhere from the start, for an object that has none: it only tells where the object belongs.
    static Result<Ref<Dentry>> make_gone(const Ref<Dentry>& parent, std::string_view name, Ref<Inode> inode);
    // A name that the caller does not need an entry for was made, or one has changed its meaning.
    static void forget(Dentry& entry);
    // A name was removed.
    static void removed(Dentry& entry);

    // Renaming in two steps, because the first one can fail and the second cannot: the file system's own rename stands between.
    class Move {
    public:
        static Result<Move> prepare(std::string_view new_name);

    private:
        friend class NameCache;
        Dentry::Name name_;
    };
    // Two existing names change places; names_mutexes of both parents are held.
    static void exchange(Dentry& first, Dentry& second);
    // `entry` takes the place of `target` in `new_parent`; names_mutexes of both parents are held.
    static void move(Dentry& entry, Dentry& target, const Ref<Dentry>& new_parent, Move move);

    static Ref<Dentry> parent(const Dentry& entry);  // empty for a root
    // What is above `entry` does not change meanwhile: the caller holds the lock of its tree (kernel/fs/rename.cpp), or accepts either answer.
    static bool is_same_or_below(const Dentry& entry, const Dentry& ancestor);
    // Copies the name; for messages and paths.
    static FixedText<name_max> name(const Dentry& entry);

    // Drops all entries of a file system that nobody else holds; null: of all. Returns how many.
    static usize shrink(const SuperBlock* super_block);
    static usize size();

private:
    struct Key;
    struct State;
    using Dropped = boost::intrusive::list<Dentry>;

    static State& state();
    static u32 hash(const Dentry* parent, std::string_view name);
    static Ref<Dentry> find(const Dentry& parent, std::string_view name);
    static void insert(Ref<Dentry> entry);
    static void unlink(Dentry& entry, Dropped& dropped);
    template <typename Unwanted>
    static void take(usize bucket, Unwanted&& unwanted, Dropped& dropped);
    static void leave_parent(Dentry& entry, Dropped& followers);
    static void release(Dropped& dropped);
};

}  // namespace tenon
