#pragma once

#include <memory>
#include <string_view>

#include <boost/intrusive/list.hpp>

#include "kernel/lib/result.h"
#include "kernel/lib/text.h"
#include <tenon/api.h>
#include <tenon/fs.h>

namespace tenon {

// A character device: its node appears in /dev while it is registered; an open file pins the owning module.
class TENON_API CharDevice : public boost::intrusive::list_base_hook<>, NoCopy {
public:
    virtual std::string_view name() const = 0;  // path below /dev: "null"
    virtual Result<std::unique_ptr<FileOperations>> open(u32 flags) = 0;

    DeviceNumber number;            // wanted number before registration; {0, 0}: next free one of the dynamic major
    u32 permissions = 0600;
    ModuleHandle* owner = nullptr;  // set at registration; null for the kernel
    FixedText<31> driver_name;      // set at registration

protected:
    ~CharDevice() = default;
};

// `driver_name` is the line in /proc/devices. Errno::exist when the name or the number is taken.
TENON_API Result<> register_char_device(CharDevice& device, std::string_view driver_name, ModuleHandle* owner);
TENON_API void unregister_char_device(CharDevice& device);

}  // namespace tenon
