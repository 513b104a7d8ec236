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

// All mappings of one frame. The tables are locked during the walk: what is wrong is reported afterwards.
class FrameCheck final : public kernel_map::PageVisitor {
public:
    FrameCheck(KernelAddr page, PhysAddr frame, Access expected) : page_(page), frame_(frame), expected_(expected) {}

    void visit(KernelAddr page, const Translation& translation) override
    {
        if (translation.physical != frame_)
            return;
        const bool at_home = page == page_;
        found_ |= at_home;
        const Access allowed = at_home ? expected_ : write_window::is_open(page) ? Access::read_write : Access::read_only;
        if (translation.access != allowed && problem_.size() == 0)
            problem_.format("module memory {:#x} is mapped at {:#x} with access {} instead of {}", page_.value(), page.value(),
                            static_cast<int>(translation.access), static_cast<int>(allowed));
    }

    void report() const
    {
        if (problem_.size() != 0)
            panic(problem_.view());
        expect(found_, "module memory is not found by a walk over the page tables");
    }

private:
    KernelAddr page_;
    PhysAddr frame_;
    Access expected_;
    FixedText<120> problem_;
    bool found_ = false;
};

}  // namespace

void check_permissions(KernelAddr place, u64 size, Access expected)
{
    for (u64 address = align_down(place.value(), page_size); address < place.value() + size; address += page_size) {
        const auto translation = kernel_map::translate(KernelAddr(address));
        expect(translation.has_value(), "module memory is not mapped");
        FrameCheck check(KernelAddr(address), translation->physical, expected);
        kernel_map::for_each_page(check);
        check.report();
    }
}

}  // namespace tenon
