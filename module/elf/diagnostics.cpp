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
    if (text_.size() == 0) {
        lists_symbols_ = true;
        text_.format("unknown symbol {}", symbol);
    } else if (lists_symbols_ && text_.size() + symbol.size() + 2 < reason_capacity) {
        text_.format(", {}", symbol);
    }
}

}  // namespace tenon::elf
