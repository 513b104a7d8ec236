#include "kernel/module/permission_check.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/text.h"
#include "kernel/module/write_window.h"
#include <tenon/memory.h>

namespace tenon {
namespace {

using kernel_map::Access;
using kernel_map::Translation;

// All mappings of one frame.
class FrameCheck final : public kernel_map::PageVisitor {
public:
    FrameCheck(KernelAddr page, PhysAddr frame, Access expected, OpenWindows windows)
        : page_(page), frame_(frame), expected_(expected), windows_(windows)
    {
    }

    void visit(KernelAddr page, const Translation& translation) override
    {
        if (translation.physical != frame_)
            return;
        const bool at_home = page == page_;
        found_ |= at_home;
        const bool window = windows_ == OpenWindows::some && write_window::contains(page);
        const Access allowed = at_home ? expected_ : window ? Access::read_write : Access::read_only;
        if (translation.access != allowed)
            panic(FixedText<120>("module memory {} is mapped at {} with access {} instead of {}", page_, page,
                                 static_cast<int>(translation.access), static_cast<int>(allowed))
                      .view());
    }

    bool found() const { return found_; }

private:
    KernelAddr page_;
    PhysAddr frame_;
    Access expected_;
    OpenWindows windows_;
    bool found_ = false;
};

}  // namespace

void check_permissions(KernelAddr place, u64 size, Access expected, OpenWindows windows)
{
    for (u64 address = align_down(place.value(), page_size); address < place.value() + size; address += page_size) {
        const auto translation = kernel_map::translate(KernelAddr(address));
        expect(translation.has_value(), "module memory is not mapped");
        FrameCheck check(KernelAddr(address), translation->physical, expected, windows);
        kernel_map::for_each_page(check);
        expect(check.found(), "module memory is not found by a walk over the page tables");
    }
}

}  // namespace tenon
