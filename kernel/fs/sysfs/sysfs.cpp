#include "kernel/fs/sysfs/sysfs.h"

namespace tenon::sysfs {
namespace {

pseudo::Tree* instance;

}  // namespace

Result<> initialise()
{
    constexpr u64 magic = 0x62656572;
    instance = TRY(pseudo::Tree::create("sysfs", magic));
    return {};
}

pseudo::Tree& tree()
{
    return *instance;
}

pseudo::Directory& root()
{
    return instance->root_directory();
}

}  // namespace tenon::sysfs
