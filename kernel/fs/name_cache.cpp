#include "kernel/fs/name_cache.h"

#include "kernel/lib/panic.h"

namespace tenon {

struct NameCache::Key {
    const Dentry* parent;
    std::string_view name;
};

// The hooks of Dentry are seen by the containers; the keys only by the functions here.
struct NameCache::State {
    struct Hash {
        usize operator()(const Dentry& entry) const { return entry.hash_; }
    };
    struct Equal {
        bool operator()(const Dentry& a, const Dentry& b) const { return &a == &b; }
    };
    struct KeyHash {
        usize operator()(const Key& key) const { return hash(key.parent, key.name); }
    };
    struct KeyEqual {
        bool operator()(const Key& key, const Dentry& entry) const
        {
            return entry.parent_.get() == key.parent && entry.name_.view() == key.name;
        }
    };
    using Table = boost::intrusive::unordered_multiset<Dentry, boost::intrusive::hash<Hash>, boost::intrusive::equal<Equal>,
                                                  boost::intrusive::power_2_buckets<true>>;
    static constexpr usize bucket_count = 2048;
    static constexpr usize buckets_at_once = 64;  // for which the lock is held, in a walk through all

    Spinlock lock;  // protects everything here and parent, name and hash of all entries
    Table::bucket_type buckets[bucket_count];
    Table table{Table::bucket_traits(buckets, bucket_count)};
    boost::intrusive::list<Dentry> by_use;  // most recently used first
};

NameCache::State& NameCache::state()
{
    static State instance;
    return instance;
}

// FNV-1a over the name, started from the parent's address.
u32 NameCache::hash(const Dentry* parent, std::string_view name)
{
    u64 value = 0xcbf29ce484222325 ^ (reinterpret_cast<u64>(parent) >> 4);
    for (const char character : name)
        value = (value ^ static_cast<u8>(character)) * 0x100000001b3;
    return static_cast<u32>(value ^ (value >> 32));
}

Ref<Dentry> NameCache::find(const Dentry& parent, std::string_view name)
{
    State& cache = state();
    LockGuard guard(cache.lock);
    const auto found = cache.table.find(Key{&parent, name}, State::KeyHash(), State::KeyEqual());
    if (found == cache.table.end())
        return {};
    cache.by_use.splice(cache.by_use.begin(), cache.by_use, cache.by_use.iterator_to(*found));
    return Ref<Dentry>(&*found);
}

// Takes `entry` out of the table, when it is in it; the table's reference moves to `dropped`.
void NameCache::unlink(Dentry& entry, Dropped& dropped)
{
    State& cache = state();
    if (!entry.unordered_set_base_hook<>::is_linked())
        return;
    cache.table.erase(cache.table.iterator_to(entry));
    cache.by_use.erase(cache.by_use.iterator_to(entry));
    dropped.push_back(entry);
}

// The same for all that are `unwanted` in one bucket. The lock is held.
template <typename Unwanted>
void NameCache::take(usize bucket, Unwanted&& unwanted, Dropped& dropped)
{
    State::Table& table = state().table;
    for (auto at = table.begin(bucket); at != table.end(bucket);) {
        Dentry& entry = *at++;
        if (unwanted(entry))
            unlink(entry, dropped);
    }
}

// Dropping the last reference may block in the file system: never under the lock.
void NameCache::release(Dropped& dropped)
{
    dropped.clear_and_dispose([](Dentry* entry) { Ref<Dentry>::adopt(entry).reset(); });
}

void NameCache::insert(Ref<Dentry> entry)
{
    constexpr usize looked_at = 16;
    State& cache = state();
    Dropped dropped;
    {
        LockGuard guard(cache.lock);
        entry->hash_ = hash(entry->parent_.get(), entry->name_.view());
        Dentry& fresh = *entry.leak();
        cache.table.insert(fresh);
        cache.by_use.push_front(fresh);
        for (usize i = 0; i < looked_at && cache.by_use.size() > limit; ++i) {
            Dentry& oldest = cache.by_use.back();
            if (oldest.reference_count() == 1)
                unlink(oldest, dropped);
            else
                cache.by_use.splice(cache.by_use.begin(), cache.by_use, cache.by_use.iterator_to(oldest));
        }
    }
    release(dropped);
}

Result<Ref<Dentry>> NameCache::look_up(const Ref<Dentry>& parent, std::string_view name)
{
    if (auto entry = find(*parent, name))
        return entry;
    const auto guard = TRY(KillableLockGuard::take(parent->names_mutex()));
    return look_up_locked(parent, name);
}

Result<Ref<Dentry>> NameCache::look_up_locked(const Ref<Dentry>& parent, std::string_view name)
{
    if (auto entry = find(*parent, name))
        return entry;
    if (parent->is_gone())
        return fail(Errno::noent);
    if (name.size() > name_max)
        return fail(Errno::nametoolong);
    auto inode = parent->inode()->lookup(name);
    if (!inode && inode.error() != Errno::noent)
        return fail(inode.error());
    auto entry = TRY(Dentry::create(parent, name, inode ? std::move(*inode) : Ref<Inode>()));
    if (parent->inode()->caches_names())
        insert(entry);
    return entry;
}

Result<Ref<Dentry>> NameCache::made(const Ref<Dentry>& parent, std::string_view name, Dentry& negative, Ref<Inode> inode)
{
    forget(negative);
    auto entry = TRY(Dentry::create(parent, name, std::move(inode)));
    if (parent->inode()->caches_names())
        insert(entry);
    return entry;
}

Result<Ref<Dentry>> NameCache::make_gone(const Ref<Dentry>& parent, std::string_view name, Ref<Inode> inode)
{
    auto entry = TRY(Dentry::create(parent, name, std::move(inode)));
    entry->gone_.store(true, std::memory_order_release);
    return entry;
}

void NameCache::forget(Dentry& entry)
{
    Dropped dropped;
    {
        LockGuard guard(state().lock);
        unlink(entry, dropped);
    }
    release(dropped);
}

// What a removed directory still holds in the table are names that were asked for and absent: they would keep it alive. None is added
// meanwhile.
void NameCache::removed(Dentry& entry)
{
    constexpr u32 caller_alone = 1;
    entry.gone_.store(true, std::memory_order_release);
    forget(entry);
    if (entry.reference_count() == caller_alone)
        return;
    for (usize bucket = 0; bucket < State::bucket_count;) {
        Dropped dropped;
        {
            LockGuard guard(state().lock);
            for (const usize end = bucket + State::buckets_at_once; bucket < end; ++bucket)
                take(bucket, [&](const Dentry& child) { return child.parent_.get() == &entry; }, dropped);
        }
        release(dropped);
        static_cast<void>(resched_point());
    }
}

Result<NameCache::Move> NameCache::Move::prepare(std::string_view new_name)
{
    Move move;
    move.name_ = TRY(Dentry::Name::create(new_name));
    return move;
}

void NameCache::move(Dentry& entry, Dentry& target, const Ref<Dentry>& new_parent, Move move)
{
    State& cache = state();
    Dropped dropped;
    Ref<Dentry> old_parent = new_parent;
    {
        LockGuard guard(cache.lock);
        unlink(target, dropped);
        const bool was_known = entry.unordered_set_base_hook<>::is_linked();
        if (was_known)
            cache.table.erase(cache.table.iterator_to(entry));
        std::swap(entry.parent_, old_parent);
        std::swap(entry.name_, move.name_);
        entry.book();
        entry.hash_ = hash(entry.parent_.get(), entry.name_.view());
        if (was_known)
            cache.table.insert(entry);
    }
    if (target.inode() != nullptr)
        target.gone_.store(true, std::memory_order_release);
    release(dropped);
}

void NameCache::exchange(Dentry& first, Dentry& second)
{
    State& cache = state();
    LockGuard guard(cache.lock);
    const bool first_known = first.unordered_set_base_hook<>::is_linked();
    const bool second_known = second.unordered_set_base_hook<>::is_linked();
    if (first_known)
        cache.table.erase(cache.table.iterator_to(first));
    if (second_known)
        cache.table.erase(cache.table.iterator_to(second));
    std::swap(first.parent_, second.parent_);
    std::swap(first.name_, second.name_);
    for (Dentry* const entry : {&first, &second})
        entry->hash_ = hash(entry->parent_.get(), entry->name_.view());
    first.book();
    second.book();
    if (first_known)
        cache.table.insert(first);
    if (second_known)
        cache.table.insert(second);
}

Ref<Dentry> NameCache::parent(const Dentry& entry)
{
    LockGuard guard(state().lock);
    return entry.parent_;
}

bool NameCache::is_same_or_below(const Dentry& entry, const Dentry& ancestor)
{
    constexpr unsigned levels_at_once = 1000;
    Ref<const Dentry> held(&entry);
    while (held) {
        static_cast<void>(resched_point());  // a tree may be deeper than any path is long
        Ref<const Dentry> former;            // goes without the lock
        LockGuard guard(state().lock);
        const Dentry* at = held.get();
        for (unsigned level = 0; level < levels_at_once && at != nullptr; ++level, at = at->parent_.get())
            if (at == &ancestor)
                return true;
        former = std::exchange(held, Ref<const Dentry>(at));
    }
    return false;
}

FixedText<name_max> NameCache::name(const Dentry& entry)
{
    FixedText<name_max> text;
    LockGuard guard(state().lock);
    text.write(entry.name_.view());
    return text;
}

// What is out of the table and known to nobody else needs its parent no more, which follows when the table alone still holds it.
void NameCache::leave_parent(Dentry& entry, Dropped& followers)
{
    Dentry* const parent = entry.parent_.get();
    if (parent == nullptr || !parent->unordered_set_base_hook<>::is_linked())
        return;  // this may be the last reference, which does not go under the lock
    entry.parent_.leak()->release();
    if (parent->reference_count() == 1)
        unlink(*parent, followers);
}

// Goes once through the table, however names hang together and whatever others add and drop meanwhile; a chain of directories that nothing
// else holds goes with its last.
usize NameCache::shrink(const SuperBlock* super_block)
{
    constexpr usize batch = 64;
    usize total = 0;
    Dropped unused;
    for (usize bucket = 0; bucket < State::bucket_count || !unused.empty();) {
        Dropped dropped;
        {
            LockGuard guard(state().lock);
            if (unused.empty())
                take(bucket++, [&](const Dentry& entry) {
                    return (super_block == nullptr || entry.super_block_ == super_block) && entry.reference_count() == 1;
                }, unused);
            while (!unused.empty() && dropped.size() < batch) {
                Dentry& entry = unused.front();
                unused.pop_front();
                dropped.push_back(entry);
                leave_parent(entry, unused);
            }
        }
        total += dropped.size();
        release(dropped);
        static_cast<void>(resched_point());
    }
    return total;
}

usize NameCache::size()
{
    LockGuard guard(state().lock);
    return state().by_use.size();
}

}  // namespace tenon
