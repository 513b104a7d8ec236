#include "kernel/proc/file_table.h"

#include <algorithm>

#include "kernel/fs/lock/file_locks.h"

namespace tenon {

namespace {

constexpr usize first_capacity = 32;

// What a descriptor of the table `owner` stood for is let go; without the table's lock.
void let_go(LockOwner owner, Ref<OpenFile> file)
{
    if (file)
        file_locks::descriptor_closed(*file, owner);
}

}  // namespace

Result<Ref<FileTable>> FileTable::create()
{
    auto table = adopt_ref(new (std::nothrow) FileTable);
    if (!table)
        return fail(Errno::nomem);
    table->slots_.reset(new (std::nothrow) Slot[first_capacity]);
    if (!table->slots_)
        return fail(Errno::nomem);
    table->capacity_ = first_capacity;
    table->charge_.set(sizeof(FileTable) + first_capacity * sizeof(Slot));
    return table;
}

FileTable::~FileTable()
{
    close_all();
}

Result<Ref<FileTable>> FileTable::clone() const
{
    auto copy = TRY(create());
    for (;;) {
        const usize wanted = capacity();
        TRY(copy->reserve(wanted));
        LockGuard guard(lock_);
        if (capacity_ > wanted)  // it grew in between: another process shares this table
            continue;
        std::copy_n(slots_.get(), capacity_, copy->slots_.get());
        return copy;
    }
}

usize FileTable::capacity() const
{
    LockGuard guard(lock_);
    return capacity_;
}

Result<> FileTable::reserve(usize wanted)
{
    if (wanted <= capacity())
        return {};
    const usize new_capacity = std::min(limit, std::max(wanted, first_capacity * 2) * 2);
    std::unique_ptr<Slot[]> grown(new (std::nothrow) Slot[new_capacity]);
    if (!grown)
        return fail(Errno::nomem);
    LockGuard guard(lock_);
    if (new_capacity <= capacity_)
        return {};
    std::move(slots_.get(), slots_.get() + capacity_, grown.get());
    std::swap(slots_, grown);
    capacity_ = new_capacity;
    charge_.set(sizeof(FileTable) + new_capacity * sizeof(Slot));
    return {};
}

FileTable::Slot* FileTable::find_locked(int descriptor) const
{
    if (descriptor < 0 || static_cast<usize>(descriptor) >= capacity_ || !slots_[static_cast<usize>(descriptor)].file)
        return nullptr;
    return &slots_[static_cast<usize>(descriptor)];
}

Result<Ref<OpenFile>> FileTable::get(int descriptor) const
{
    LockGuard guard(lock_);
    const Slot* slot = find_locked(descriptor);
    if (slot == nullptr)
        return fail(Errno::badf);
    return slot->file;
}

Result<int> FileTable::insert(Ref<OpenFile> file, bool close_on_exec, int minimum, usize end)
{
    if (minimum < 0 || static_cast<usize>(minimum) >= limit)
        return fail(Errno::inval);
    for (;;) {
        usize full;
        {
            LockGuard guard(lock_);
            if (Slot* const slot = find_free_locked(static_cast<usize>(minimum), end)) {
                *slot = {std::move(file), close_on_exec};
                return static_cast<int>(slot - slots_.get());
            }
            full = capacity_;
        }
        TRY(grow(full, static_cast<usize>(minimum), end));
    }
}

Result<> FileTable::require_free(usize end)
{
    usize full;
    {
        LockGuard guard(lock_);
        if (find_free_locked(0, end) != nullptr)
            return {};
        full = capacity_;
    }
    return grow(full, 0, end);
}

FileTable::Slot* FileTable::find_free_locked(usize minimum, usize end) const
{
    for (usize index = minimum; index < std::min(capacity_, end); ++index)
        if (!slots_[index].file)
            return &slots_[index];
    return nullptr;
}

// When none of the `full` slots from `minimum` on is free.
Result<> FileTable::grow(usize full, usize minimum, usize end)
{
    if (full >= end || minimum >= end)
        return fail(Errno::mfile);
    return reserve(std::max(full, minimum) + 1);
}

Result<> FileTable::replace(int descriptor, Ref<OpenFile> file, bool close_on_exec)
{
    if (descriptor < 0 || static_cast<usize>(descriptor) >= limit)
        return fail(Errno::badf);
    TRY(reserve(static_cast<usize>(descriptor) + 1));
    Slot replacement{std::move(file), close_on_exec};  // afterwards the old file
    {
        LockGuard guard(lock_);
        std::swap(slots_[static_cast<usize>(descriptor)], replacement);
    }
    let_go(this, std::move(replacement.file));
    return {};
}

Result<> FileTable::close(int descriptor)
{
    Ref<OpenFile> closed;
    {
        LockGuard guard(lock_);
        Slot* slot = find_locked(descriptor);
        if (slot == nullptr)
            return fail(Errno::badf);
        std::swap(closed, slot->file);
    }
    let_go(this, std::move(closed));
    return {};
}

void FileTable::close_on_exec()
{
    const usize end = capacity();
    for (usize index = 0; index < end; ++index) {
        Ref<OpenFile> closed;
        {
            LockGuard guard(lock_);
            if (slots_[index].close_on_exec)
                std::swap(closed, slots_[index].file);
        }
        let_go(this, std::move(closed));
    }
}

void FileTable::close_range(usize first, usize last)
{
    const usize end = capacity();
    for (usize index = first; index < end && index <= last; ++index) {
        Ref<OpenFile> closed;
        {
            LockGuard guard(lock_);
            std::swap(closed, slots_[index].file);
        }
        let_go(this, std::move(closed));
    }
}

void FileTable::close_all()
{
    close_range(0, limit - 1);
}

void FileTable::set_close_on_exec_range(usize first, usize last)
{
    LockGuard guard(lock_);
    for (usize index = first; index < capacity_ && index <= last; ++index)
        slots_[index].close_on_exec = true;
}

Result<bool> FileTable::get_close_on_exec(int descriptor) const
{
    LockGuard guard(lock_);
    const Slot* slot = find_locked(descriptor);
    if (slot == nullptr)
        return fail(Errno::badf);
    return slot->close_on_exec;
}

Result<> FileTable::set_close_on_exec(int descriptor, bool value)
{
    LockGuard guard(lock_);
    Slot* slot = find_locked(descriptor);
    if (slot == nullptr)
        return fail(Errno::badf);
    slot->close_on_exec = value;
    return {};
}

}  // namespace tenon
