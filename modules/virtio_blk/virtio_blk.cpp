#include "modules/virtio_blk/disk.h"

#include <tenon/module.h>

// Disks on virtio: interrupt driven, several requests at once, legacy and modern devices.

namespace tenon::virtio {
namespace {

class DiskDriver final : public Driver {
public:
    std::string_view name() const override { return "virtio_blk"; }
    bool matches(const Device& device) const override { return device.modalias().starts_with("virtio:d00000002v"); }
    Result<std::unique_ptr<DriverBinding>> probe(Device& device) override { return Disk::attach(device); }
};

DiskDriver driver;
const Registration<register_driver, unregister_driver> registration{driver};

}  // namespace
}  // namespace tenon::virtio

MODULE_LICENSE("Dual BSD/GPL");
MODULE_AUTHOR("The Tenon project");
MODULE_DESCRIPTION("Virtio block devices");
MODULE_ALIAS("virtio:d00000002v*");
