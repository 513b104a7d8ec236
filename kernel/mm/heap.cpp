#include "kernel/mm/heap.h"

#include <array>
#include <bit>
#include <cstring>

#include "kernel/lib/bits.h"
#include "kernel/lib/bug.h"
#include "kernel/lib/text.h"
#include "kernel/mm/allocation_failure.h"
#include "kernel/mm/frames.h"
#include "kernel/mm/layout.h"
#include "kernel/mm/page_allocator.h"
#include "kernel/mm/sanitizer/heap_guard.h"
#include "kernel/runtime/shadow.h"
#include <tenon/sync.h>

namespace tenon::heap {
namespace {

constexpr std::array<u16, 15> class_sizes{16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1360, 2048, 4096};
constexpr usize largest_small = class_sizes.back();
constexpr u16 end_of_list = 0xffff;

// Class of each size in steps of 16 bytes.
constexpr auto class_of_step = [] {
    std::array<u8, largest_small / 16 + 1> table{};
    u8 index = 0;
    for (usize step = 0; step < table.size(); ++step) {
        if (step * 16 > class_sizes[index])
            ++index;
        table[step] = index;
    }
    return table;
}();

struct SlabClass {
    Spinlock lock;
    FrameList partial;  // slabs with a free object; protected by lock
    u32 empty_slabs = 0;
};

constinit std::array<SlabClass, class_sizes.size()> classes;

KernelAddr page_of(u32 index)
{
    return layout::linear(frames::address_of(index));
}

// Free objects form a list through their first word: above the offset of the next one in the page stands a mark, the page's number inverted,
// which hardly anything else is. So an object that looks as if it were free is looked for before it is freed.
class Link {
public:
    explicit Link(KernelAddr object) : mark_(~object.value() >> page_shift), word_(*object.pointer<u64>()) {}

    u16 next() const { return static_cast<u16>(word_); }
    void set(u16 next) { word_ = mark_ << 16 | next; }
    bool looks_free() const { return word_ >> 16 == mark_; }

private:
    u64 mark_;  // less than 48 bits: the linear map lies in the upper half of the addresses
    u64& word_;
};

// The rare paths stay out of line: they would make the common ones save registers.
[[gnu::noinline]] bool add_slab(SlabClass& slabs, u8 class_index)
{
    const auto page = frames::allocate(0, frames::Zeroed::no);
    if (!page)
        return false;
    const u16 size = class_sizes[class_index];
    const KernelAddr start = layout::linear(*page);
    shadow::poison(start.pointer(), page_size, shadow::Mark::heap_redzone);
    const u16 count = static_cast<u16>(page_size / size);
    for (u16 i = 0; i < count; ++i)
        Link(start + i * size).set(i + 1 < count ? static_cast<u16>((i + 1) * size) : end_of_list);

    const u32 index = frames::index_of(*page);
    Frame& frame = frames::descriptors()[index];
    frame.use = Frame::Use::slab;
    frame.slab_class = class_index;
    frame.slab_free_head = 0;
    frame.slab_in_use = 0;
    slabs.partial.push_front(frames::descriptors(), index);
    ++slabs.empty_slabs;
    return true;
}

void* allocate_small(u8 class_index)
{
    SlabClass& slabs = classes.data()[class_index];
    LockGuard guard(slabs.lock);
    if (slabs.partial.is_empty() && !add_slab(slabs, class_index))
        return nullptr;
    const u32 index = slabs.partial.front();
    Frame& frame = frames::descriptors().data()[index];
    const u16 offset = frame.slab_free_head;
    const KernelAddr page = page_of(index);
    const u16 next = Link(page + offset).next();
    slabs.empty_slabs -= frame.slab_in_use == 0;
    frame.slab_free_head = next;
    ++frame.slab_in_use;
    if (next == end_of_list)
        slabs.partial.remove(frames::descriptors(), index);
    return (page + offset).pointer<void>();
}

// One empty slab per class stays, so that a lone object that comes and goes does not move pages each time.
[[gnu::noinline]] void drop_empty_slab(SlabClass& slabs, u32 index, Frame& frame)
{
    if (slabs.empty_slabs == 0) {
        slabs.empty_slabs = 1;
        return;
    }
    slabs.partial.remove(frames::descriptors(), index);
    frame.use = Frame::Use::allocated;
    frames::free(frames::address_of(index), 0);
}

// A list that somebody has written to may have no end.
[[gnu::noinline]] bool is_on_free_list(KernelAddr page, const Frame& frame, u16 offset)
{
    u16 next = frame.slab_free_head;
    for (usize steps = 0; steps < page_size / class_sizes.front() && next != end_of_list; ++steps) {
        if (next == offset)
            return true;
        next = Link(page + next).next();
    }
    return false;
}

// False when nothing is done, because it is free already.
bool release_small(u32 index, Frame& frame, KernelAddr object)
{
    SlabClass& slabs = classes.data()[frame.slab_class];
    LockGuard guard(slabs.lock);
    const u16 offset = static_cast<u16>(object.value() & (page_size - 1));
    Link link(object);
    if (link.looks_free() && is_on_free_list(object - offset, frame, offset)) [[unlikely]]
        return false;
    if (frame.slab_free_head == end_of_list)
        slabs.partial.push_front(frames::descriptors(), index);
    link.set(frame.slab_free_head);
    frame.slab_free_head = offset;
    if (--frame.slab_in_use == 0)
        drop_empty_slab(slabs, index, frame);
    return true;
}

[[gnu::noinline]] void* allocate_large(usize size)
{
    if (size > page_size << Buddy::max_order)
        return nullptr;
    const unsigned order = static_cast<unsigned>(std::bit_width((size - 1) >> page_shift));
    const auto run = frames::allocate(order, frames::Zeroed::no);
    return run ? layout::linear(*run).pointer<void>() : nullptr;
}

[[gnu::noinline]] void report_bad_release(const void* pointer, std::string_view what)
{
    report_bug(FixedText<120>("{} ({:#x}), it stays as it is,", what, reinterpret_cast<u64>(pointer)).view());
}

PhysAddr physical_of(const void* pointer)
{
    return PhysAddr(reinterpret_cast<u64>(pointer) - layout::linear_base);
}

}  // namespace

void* allocate_slot(usize size)
{
    if (size > largest_small) [[unlikely]]
        return allocate_large(size);
    return allocate_small(class_of_step[(size + 15) / 16]);
}

void release_slot(void* slot)
{
    const PhysAddr address = physical_of(slot);
    const std::span<Frame> descriptors = frames::descriptors();
    const u64 index = (address - frames::descriptor_array.base) >> page_shift;
    if (index >= descriptors.size()) [[unlikely]]
        return report_bad_release(slot, "an address outside memory was freed");
    Frame& frame = descriptors.data()[index];
    if (frame.use == Frame::Use::slab) {
        if (!release_small(static_cast<u32>(index), frame, KernelAddr::of(slot))) [[unlikely]]
            report_bad_release(slot, "an object was freed twice");
        return;
    }
    if (frame.use != Frame::Use::allocated || !is_aligned(address.value(), page_size)) [[unlikely]]
        return report_bad_release(slot, "an address was freed that is no heap object, or no longer");
    frames::free(address, frame.order);
}

usize slot_size(const void* slot)
{
    const Frame& frame = frames::descriptor(physical_of(slot));
    return frame.use == Frame::Use::slab ? class_sizes[frame.slab_class] : page_size << frame.order;
}

#ifdef TENON_DEBUG
void* slot_around(u64 address)
{
    const u64 physical = address - layout::linear_base;
    const u64 first = frames::descriptor_array.base.value();
    if (physical < first || (physical - first) / page_size >= frames::descriptors().size())
        return nullptr;
    const u32 index = frames::index_of(PhysAddr(physical));
    const Frame& frame = frames::descriptors()[index];
    if (frame.use == Frame::Use::slab) {
        const usize size = class_sizes[frame.slab_class];
        const usize number = (address & (page_size - 1)) / size;
        return number < page_size / size ? (page_of(index) + number * size).pointer<void>() : nullptr;
    }
    for (unsigned order = 0; order <= Buddy::max_order; ++order) {
        const u32 head = static_cast<u32>(align_down(physical >> page_shift, u64{1} << order) - (first >> page_shift));
        if (head <= index && frames::descriptors()[head].use == Frame::Use::allocated && frames::descriptors()[head].order >= order)
            return page_of(head).pointer<void>();
    }
    return nullptr;
}
#endif

// With the slabs' code in it: the common path of the ordinary kernel.
[[gnu::flatten]] void* allocate(usize size)
{
    if (allocation_failure::is_due()) [[unlikely]]
        return nullptr;
    if constexpr (shadow::is_kept)
        return guard::allocate(size);
    else
        return allocate_slot(size);
}

[[gnu::flatten]] void release(void* pointer)
{
    if (pointer == nullptr)
        return;
    if constexpr (shadow::is_kept)
        guard::release(pointer);
    else
        release_slot(pointer);
}

usize usable_size(const void* pointer)
{
    if constexpr (shadow::is_kept)
        return guard::usable_size(pointer);
    else
        return slot_size(pointer);
}

}  // namespace tenon::heap
