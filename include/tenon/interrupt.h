#pragma once

#include <string_view>

#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include <tenon/api.h>

namespace tenon {

// Called with interrupts of the CPU off; must not block.
class InterruptHandler {
public:
    virtual void handle_interrupt() = 0;
    // For /proc/interrupts. Interrupts may be on; not called after the line has been released.
    virtual std::string_view interrupt_name() const { return ""; }

protected:
    ~InterruptHandler() = default;
};

// A claimed interrupt line. When the destructor returns, the handler is not running on any CPU and will not be called.
class TENON_API InterruptLine : NoCopy {
public:
    // `number` is the controller's own number (GIC: INTID). Errno::busy when the line is taken.
    static Result<InterruptLine> claim(u32 number, InterruptHandler& handler);
    InterruptLine() = default;
    InterruptLine(InterruptLine&& other) noexcept;
    InterruptLine& operator=(InterruptLine&& other) noexcept;
    ~InterruptLine();

private:
    u32 number_ = 0;
    bool claimed_ = false;
};

}  // namespace tenon
