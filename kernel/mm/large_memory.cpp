#include "kernel/lib/large_array.h"

#include <new>
#include <utility>

#include "kernel/mm/heap.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/page_buffer.h"
#include <tenon/memory.h>

namespace tenon::large_memory {
namespace {

// What the heap does not have lies in mapped pages, behind the PageBuffer that owns them.
constexpr usize header_size = 64;
static_assert(sizeof(PageBuffer) <= header_size && header_size % 16 == 0);

[[gnu::noinline]] void* map(usize size)
{
    if (size <= page_size || size > SIZE_MAX - header_size)
        return nullptr;
    auto pages = PageBuffer::map(size + header_size);
    if (!pages)
        return nullptr;
    std::byte* const start = pages->bytes().data();
    new (start) PageBuffer(std::move(*pages));
    return start + header_size;
}

[[gnu::noinline]] void unmap(void* memory)
{
    auto* const header = reinterpret_cast<PageBuffer*>(static_cast<std::byte*>(memory) - header_size);
    const PageBuffer pages(std::move(*header));  // out of the memory that goes with it
}

}  // namespace

void* allocate(usize size)
{
    if (void* const memory = heap::allocate(size)) [[likely]]
        return memory;
    return map(size);
}

void release(void* memory)
{
    if (reinterpret_cast<u64>(memory) >= layout::dynamic_base) [[unlikely]]
        return unmap(memory);
    heap::release(memory);
}

}  // namespace tenon::large_memory
