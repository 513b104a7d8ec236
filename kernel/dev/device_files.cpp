#include "kernel/dev/device_files.h"

#include "kernel/fs/sysfs/sysfs.h"

namespace tenon {
namespace {

class ModaliasFile final : public pseudo::TextFile {
public:
    explicit ModaliasFile(const Device& device) : TextFile(sysfs::tree(), 0444), device_(device) {}

    Result<> generate(TextSink& out) override
    {
        format_to(out, "{}\n", device_.modalias());
        return {};
    }

private:
    const Device& device_;
};

}  // namespace

Result<> create_device_files(const Device& device)
{
    const auto devices = TRY(sysfs::root().make_directory("devices"));
    const auto directory = TRY(devices->make_directory(device.name()));
    Ref<Inode> file = adopt_ref<Inode>(new (std::nothrow) ModaliasFile(device));
    return file ? directory->add("modalias", std::move(file)) : fail(Errno::nomem);
}

}  // namespace tenon
