#include "kernel/fs/procfs/procfs.h"

#include "kernel/fs/procfs/files.h"

namespace tenon::procfs {
namespace {

pseudo::Tree* instance;

}  // namespace

Result<> initialise()
{
    constexpr u64 magic = 0x9fa0;
    instance = TRY(pseudo::Tree::create("proc", magic));
    return add_files(root());
}

pseudo::Tree& tree()
{
    return *instance;
}

pseudo::Directory& root()
{
    return instance->root_directory();
}

}  // namespace tenon::procfs
