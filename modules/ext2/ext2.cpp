#include "modules/ext2/mounted_volume.h"

#include <tenon/module.h>

// The ext2 file system, for reading: what stock mke2fs makes, with blocks of 1 to 64 KiB.

namespace tenon::ext2 {
namespace {

class Type final : public FileSystemType {
public:
    std::string_view name() const override { return "ext2"; }
    NeedsDevice needs_device() const override { return NeedsDevice::yes; }
    Result<std::unique_ptr<SuperBlock>> mount(const MountRequest& request) override
    {
        return MountedVolume::mount(*request.device);
    }
};

Type type;
const Registration<register_file_system, unregister_file_system> registration{type};

}  // namespace
}  // namespace tenon::ext2

MODULE_LICENSE("Dual BSD/GPL");
MODULE_AUTHOR("The Tenon project");
MODULE_DESCRIPTION("The ext2 file system, read-only");
MODULE_ALIAS("fs-ext2");
