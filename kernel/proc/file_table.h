#pragma once

#include <memory>

#include "kernel/fs/open_file.h"
#include "kernel/lib/ref.h"
#include "kernel/lib/result.h"
#include <tenon/sync.h>

namespace tenon {

// The descriptors of a process (shared between processes after clone(CLONE_FILES)).
class FileTable final : public RefCounted {
public:
    static constexpr usize limit = 1024;

    static Result<Ref<FileTable>> create();
    ~FileTable();
    Result<Ref<FileTable>> clone() const;

    // Errno::badf when not open.
    Result<Ref<OpenFile>> get(int descriptor) const;
    // The lowest free descriptor not below `minimum`, but below `end`; Errno::mfile.
    Result<int> insert(Ref<OpenFile> file, bool close_on_exec, int minimum = 0, usize end = limit);
    // Whether there is a free one below `end`, for which memory is there then: for those who would have to take back what they make. Other
    // threads may be faster. Errno::mfile, nomem.
    Result<> require_free(usize end);
    // Puts it at exactly `descriptor`, closing what was there.
    Result<> replace(int descriptor, Ref<OpenFile> file, bool close_on_exec);
    Result<> close(int descriptor);
    void close_on_exec();
    void close_range(usize first, usize last);  // both included, whatever is open there
    void close_all();
    Result<bool> get_close_on_exec(int descriptor) const;
    Result<> set_close_on_exec(int descriptor, bool value);
    void set_close_on_exec_range(usize first, usize last);

    // Calls visit(descriptor, file) for each open one, without the lock held.
    template <typename Visit>
    void for_each(Visit&& visit) const
    {
        for (int descriptor = 0; descriptor < static_cast<int>(limit); ++descriptor)
            if (const auto file = get(descriptor))
                visit(descriptor, **file);
    }

private:
    struct Slot {
        Ref<OpenFile> file;
        bool close_on_exec = false;
    };

    FileTable() = default;
    usize capacity() const;
    Result<> reserve(usize wanted);
    Slot* find_locked(int descriptor) const;  // null when not open
    Slot* find_free_locked(usize minimum, usize end) const;  // null when there is none
    Result<> grow(usize full, usize minimum, usize end);

    mutable Spinlock lock_;
    std::unique_ptr<Slot[]> slots_;  // protected by lock_; `capacity_` slots, grows up to `limit`
    usize capacity_ = 0;
    ledger::Charge charge_{ledger::Kind::open_files, sizeof(FileTable)};  // protected by lock_
};

}  // namespace tenon
