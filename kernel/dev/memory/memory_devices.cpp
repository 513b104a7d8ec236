#include "kernel/dev/memory/memory_devices.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "kernel/dev/random/random.h"
#include "kernel/fs/open_file.h"
#include <tenon/char_device.h>

namespace tenon::memory_devices {
namespace {

using Read = Result<usize> (*)(std::span<std::byte> out, u32 flags);
using Write = Result<usize> (*)(std::span<const std::byte> data);
using Page = Result<PageRef> (*)();

Result<usize> read_nothing(std::span<std::byte>, u32)
{
    return usize{0};
}

Result<usize> read_zeros(std::span<std::byte> out, u32)
{
    std::memset(out.data(), 0, out.size());
    return out.size();
}

// /dev/urandom never waits, as on Linux.
Result<usize> read_urandom(std::span<std::byte> out, u32)
{
    random::fill(out);
    return out.size();
}

Result<usize> read_random(std::span<std::byte> out, u32 flags)
{
    if ((flags & open_flag::nonblock) != 0 && !random::is_ready())
        return fail(Errno::again);
    TRY(random::wait_until_ready());
    return read_urandom(out, flags);
}

Result<usize> write_nowhere(std::span<const std::byte> data)
{
    return data.size();
}

Result<usize> write_full(std::span<const std::byte>)
{
    return fail(Errno::nospc);
}

// The generator keeps interrupts off while it stirs.
Result<usize> write_random(std::span<const std::byte> data)
{
    constexpr usize slice = 1024;
    for (usize done = 0; done < data.size(); done += slice) {
        if (done != 0 && !signal_point())
            return done;
        random::add_entropy(data.subspan(done, std::min(slice, data.size() - done)));
    }
    return data.size();
}

Result<PageRef> no_page()
{
    return fail(Errno::nodev);
}

class MemoryDevice final : public CharDevice {
public:
    MemoryDevice(std::string_view name, u32 minor, Read read, Write write, Page page = no_page)
        : name_(name), read_(read), write_(write), page_(page)
    {
        constexpr u32 mem_major = 1;
        number = {mem_major, minor};
        permissions = 0666;
    }

    std::string_view name() const override { return name_; }

    Result<std::unique_ptr<FileOperations>> open(u32) override
    {
        std::unique_ptr<FileOperations> operations(new (std::nothrow) Operations(*this));
        if (!operations)
            return fail(Errno::nomem);
        return operations;
    }

private:
    class Operations final : public FileOperations {
    public:
        explicit Operations(const MemoryDevice& device) : device_(device) {}
        Result<usize> read(std::span<std::byte> out, u64, u32 flags) override { return device_.read_(out, flags); }
        Result<usize> write(std::span<const std::byte> data, u64, u32) override { return device_.write_(data); }
        Result<PageRef> page(u64) override { return device_.page_(); }
        bool is_seekable() const override { return true; }

    private:
        const MemoryDevice& device_;
    };

    std::string_view name_;
    Read read_;
    Write write_;
    Page page_;
};

MemoryDevice devices[] = {
    {"null", 3, read_nothing, write_nowhere},
    {"zero", 5, read_zeros, write_nowhere, PageRef::allocate_zeroed},
    {"full", 7, read_zeros, write_full},
    {"random", 8, read_random, write_random},
    {"urandom", 9, read_urandom, write_random},
};

}  // namespace

Result<> initialise()
{
    for (MemoryDevice& device : devices)
        TRY(register_char_device(device, "mem", nullptr));
    return {};
}

}  // namespace tenon::memory_devices
