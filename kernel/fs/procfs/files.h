#pragma once

#include "kernel/fs/pseudo/node.h"

namespace tenon::procfs {

// The files of /proc that tell about the system as a whole.
Result<> add_files(pseudo::Directory& root);

Result<> add_system_files(pseudo::Directory& root);  // those about processors and time

}  // namespace tenon::procfs
