#include <tenon/memory.h>

#include <bit>
#include <utility>

#include "kernel/lib/bits.h"
#include "kernel/lib/checked.h"
#include "kernel/mm/buddy.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/kernel_map.h"
#include "kernel/mm/layout.h"

namespace tenon {

PhysAddr physical_address(const void* pointer)
{
    return PhysAddr(reinterpret_cast<u64>(pointer) - layout::linear_base);
}

Result<ContiguousMemory> ContiguousMemory::allocate(usize size)
{
    if (size == 0 || size > page_size << Buddy::max_order)
        return fail(Errno::inval);
    const unsigned order = static_cast<unsigned>(std::bit_width((size - 1) >> page_shift));
    const PhysAddr run = TRY(frames::allocate(order, frames::Zeroed::yes));
    ContiguousMemory memory;
    memory.bytes_ = {layout::linear(run).pointer(), size};
    memory.order_ = order;
    return memory;
}

ContiguousMemory::ContiguousMemory(ContiguousMemory&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})), order_(other.order_)
{
}

ContiguousMemory& ContiguousMemory::operator=(ContiguousMemory&& other) noexcept
{
    std::swap(bytes_, other.bytes_);
    std::swap(order_, other.order_);
    return *this;
}

ContiguousMemory::~ContiguousMemory()
{
    if (!bytes_.empty())
        frames::free(physical(), order_);
}

Result<DeviceMemory> DeviceMemory::map(PhysAddr base, usize size)
{
    const u64 offset = base.value() & (page_size - 1);
    const auto end = checked_add<u64>(offset, size);
    if (size == 0 || !end)
        return fail(Errno::inval);
    const u64 mapped = align_up(*end, page_size);
    const KernelAddr start = TRY(kernel_map::reserve(mapped));
    if (const auto result = kernel_map::map(start, base - offset, mapped, kernel_map::Access::device); !result) {
        kernel_map::release(start, mapped);
        return fail(result.error());
    }
    DeviceMemory memory;
    memory.base_ = start + offset;
    memory.size_ = size;
    return memory;
}

DeviceMemory::DeviceMemory(DeviceMemory&& other) noexcept
    : base_(std::exchange(other.base_, KernelAddr())), size_(std::exchange(other.size_, 0))
{
}

DeviceMemory& DeviceMemory::operator=(DeviceMemory&& other) noexcept
{
    std::swap(base_, other.base_);
    std::swap(size_, other.size_);
    return *this;
}

DeviceMemory::~DeviceMemory()
{
    if (size_ == 0)
        return;
    const KernelAddr start(align_down(base_.value(), page_size));
    const u64 mapped = align_up(base_.value() + size_, page_size) - start.value();
    kernel_map::unmap(start, mapped);
    kernel_map::release(start, mapped);
}

}  // namespace tenon
