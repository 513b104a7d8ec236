#pragma once

#include <memory>
#include <new>
#include <span>

#include "kernel/lib/address.h"
#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include <tenon/api.h>
#include <tenon/io.h>

// Memory for drivers and file systems. Small objects come from `new (std::nothrow)`: the result is null when
// memory is exhausted, and plain `new` does not exist in the kernel.

namespace tenon {

constexpr usize page_size = 4096;
constexpr unsigned page_shift = 12;

// The physical address behind a pointer from `new` or a page allocation (the linear map).
TENON_API PhysAddr physical_address(const void* pointer);

// Physically contiguous, zeroed, page-aligned memory, visible to devices. All devices of the machine are cache coherent.
class TENON_API ContiguousMemory : NoCopy {
public:
    static Result<ContiguousMemory> allocate(usize size);
    ContiguousMemory() = default;
    ContiguousMemory(ContiguousMemory&& other) noexcept;
    ContiguousMemory& operator=(ContiguousMemory&& other) noexcept;
    ~ContiguousMemory();

    std::span<std::byte> bytes() const { return bytes_; }
    PhysAddr physical() const { return physical_address(bytes_.data()); }

private:
    std::span<std::byte> bytes_;
    unsigned order_ = 0;
};

// The registers of a device, mapped uncached. Unmapped with the object.
class TENON_API DeviceMemory : NoCopy {
public:
    static Result<DeviceMemory> map(PhysAddr base, usize size);
    DeviceMemory() = default;
    DeviceMemory(DeviceMemory&& other) noexcept;
    DeviceMemory& operator=(DeviceMemory&& other) noexcept;
    ~DeviceMemory();

    usize size() const { return size_; }
    // Ordered with all memory, and relaxed: <tenon/io.h>.
    u8 read8(usize offset) const { return io::read<u8>(base_ + offset); }
    u16 read16(usize offset) const { return io::read<u16>(base_ + offset); }
    u32 read32(usize offset) const { return io::read<u32>(base_ + offset); }
    u64 read64(usize offset) const { return io::read<u64>(base_ + offset); }
    void write8(usize offset, u8 value) const { io::write<u8>(base_ + offset, value); }
    void write16(usize offset, u16 value) const { io::write<u16>(base_ + offset, value); }
    void write32(usize offset, u32 value) const { io::write<u32>(base_ + offset, value); }
    void write64(usize offset, u64 value) const { io::write<u64>(base_ + offset, value); }
    u8 read8_relaxed(usize offset) const { return io::read_relaxed<u8>(base_ + offset); }
    u16 read16_relaxed(usize offset) const { return io::read_relaxed<u16>(base_ + offset); }
    u32 read32_relaxed(usize offset) const { return io::read_relaxed<u32>(base_ + offset); }
    u64 read64_relaxed(usize offset) const { return io::read_relaxed<u64>(base_ + offset); }
    void write8_relaxed(usize offset, u8 value) const { io::write_relaxed<u8>(base_ + offset, value); }
    void write16_relaxed(usize offset, u16 value) const { io::write_relaxed<u16>(base_ + offset, value); }
    void write32_relaxed(usize offset, u32 value) const { io::write_relaxed<u32>(base_ + offset, value); }
    void write64_relaxed(usize offset, u64 value) const { io::write_relaxed<u64>(base_ + offset, value); }

private:
    KernelAddr base_;
    usize size_ = 0;
};

}  // namespace tenon
