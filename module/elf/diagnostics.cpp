#include "module/elf/diagnostics.h"

namespace tenon::elf {

void FirstReason::reason(std::string_view line)
{
    if (text_.size() == 0)
        text_.write(line);
}

void FirstReason::unresolved(std::string_view symbol)
{
    ++unresolved_count_;
    if (unresolved_count_ == 1 && text_.size() == 0)
        text_.format("unknown symbol {}", symbol);
    else if (text_.size() + symbol.size() + 2 < reason_capacity)
        text_.format(", {}", symbol);
}

}  // namespace tenon::elf
