#pragma once

#include "kernel/lib/no_copy.h"
#include "kernel/lib/result.h"
#include "kernel/lib/types.h"
#include <tenon/api.h>

namespace tenon {

// Called with interrupts of the CPU off; must not block.
class InterruptHandler {
public:
    virtual void handle_interrupt() = 0;

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
