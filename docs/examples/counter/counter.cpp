// A module outside the tree: /dev/counter gives the next number each time it is read.

#include <algorithm>
#include <atomic>
#include <new>

#include <tenon/char_device.h>
#include <tenon/module.h>

namespace {

int start = 1;
std::atomic<int> next_number;

// One open file.
class CounterFile final : public tenon::FileOperations {
public:
    tenon::Result<std::size_t> read(std::span<std::byte> out, tenon::u64, tenon::u32) override
    {
        const tenon::FixedText<16> line("{}\n", next_number.fetch_add(1));
        const std::size_t size = std::min(out.size(), line.size());
        std::copy_n(std::as_bytes(std::span(line.view())).begin(), size, out.begin());
        return size;
    }
};

class CounterDevice final : public tenon::CharDevice {
public:
    std::string_view name() const override { return "counter"; }
    tenon::Result<std::unique_ptr<tenon::FileOperations>> open(tenon::u32) override
    {
        next_number = start;
        std::unique_ptr<tenon::FileOperations> file(new (std::nothrow) CounterFile);
        if (!file)
            return tenon::fail(tenon::Errno::nomem);
        return file;
    }
};

CounterDevice device;
const tenon::Registration<tenon::register_char_device, tenon::unregister_char_device> registration{device, "counter"};

}  // namespace

module_param(start, int, 0644);
MODULE_PARM_DESC(start, "the first number after an open");
MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A sample: a device that counts");
