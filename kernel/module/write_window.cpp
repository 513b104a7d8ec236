#include "kernel/module/write_window.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/panic.h"
#include "kernel/mm/kernel_map.h"
#include <tenon/memory.h>

namespace tenon::write_window {
namespace {

struct Pages {
    KernelAddr start;
    u64 size;
};

Pages pages_of(KernelAddr start, u64 size)
{
    const u64 first = align_down(start.value(), page_size);
    return {KernelAddr(first), align_up(start.value() + size, page_size) - first};
}

}  // namespace

Result<std::span<std::byte>> open(KernelAddr place, u64 size)
{
    const Pages pages = pages_of(place, size);
    const KernelAddr window = TRY(kernel_map::reserve(pages.size));
    for (u64 offset = 0; offset < pages.size; offset += page_size) {
        const auto translation = kernel_map::translate(pages.start + offset);
        expect(translation.has_value(), "a page of module memory is not mapped");
        const auto result =
            kernel_map::map(window + offset, translation->physical, page_size, kernel_map::Access::read_write);
        if (!result) {
            kernel_map::unmap(window, offset);
            kernel_map::release(window, pages.size);
            return fail(result.error());
        }
    }
    return std::span((window + (place - pages.start)).pointer(), static_cast<usize>(size));
}

void close(std::span<std::byte> bytes)
{
    const Pages pages = pages_of(KernelAddr::of(bytes.data()), bytes.size());
    kernel_map::unmap(pages.start, pages.size);
    kernel_map::release(pages.start, pages.size);
}

}  // namespace tenon::write_window
