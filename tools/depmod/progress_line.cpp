#include "tools/depmod/progress_line.h"

#include "tools/lib/messages.h"

namespace tenon::tools::depmod {

ProgressLine::ProgressLine(std::size_t total) : total_(total), wanted_(has_status_line()) {}

ProgressLine::~ProgressLine()
{
    clear_status();
}

void ProgressLine::show(std::size_t done)
{
    if (!wanted_)
        return;
    const auto now = Clock::now();
    if (now < next_)
        return;
    show_status(print("%zu of %zu modules", done, total_));
    next_ = now + std::chrono::milliseconds(100);
}

}  // namespace tenon::tools::depmod
