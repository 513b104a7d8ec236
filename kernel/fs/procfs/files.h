#pragma once

#include "kernel/fs/pseudo/node.h"

namespace tenon::procfs {

// The files of /proc that tell about the system as a whole.
Result<> add_files(pseudo::Directory& root);

void print_mounts(TextSink& out);             // /proc/PID/mounts
void print_mount_information(TextSink& out);  // /proc/PID/mountinfo

}  // namespace tenon::procfs
