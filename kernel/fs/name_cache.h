#pragma once

#include <string_view>

#include "kernel/fs/dentry.h"

// The table of known names of all file systems. It holds a reference to each entry; entries that nobody else holds are
// dropped, oldest first, when there are more than `limit`, and at once by shrink(). All functions may block.

namespace tenon::name_cache {

constexpr usize limit = 8192;

// The entry for `name` in the directory `parent`, asking the file system when it is not known; possibly negative. The
// caller holds no names_mutex of `parent`.
Result<Ref<Dentry>> look_up(const Ref<Dentry>& parent, std::string_view name);
// The same for a caller that holds parent's names_mutex.
Result<Ref<Dentry>> look_up_locked(const Ref<Dentry>& parent, std::string_view name);

// Makes the cache forget an entry; a name that was removed or replaced is marked as gone.
void forget(Dentry& entry);
// Puts in a fresh entry after a name was made (the negative one must have been forgotten).
Result<> insert(Ref<Dentry> entry);

// Drops all entries that nobody else holds: `super_block` null means of all file systems. Returns how many.
usize shrink(SuperBlock* super_block);

usize size();

}  // namespace tenon::name_cache
