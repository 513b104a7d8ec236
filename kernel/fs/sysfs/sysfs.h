#pragma once

#include "kernel/fs/pseudo/node.h"

// /sys: the tree that other parts hang their directories and attributes into. Usable from initialise() on, before it is
// mounted. An attribute is a pseudo::TextFile: `generate` shows it, `store` sets it.

namespace tenon::sysfs {

Result<> initialise();
pseudo::Tree& tree();
pseudo::Directory& root();

}  // namespace tenon::sysfs
