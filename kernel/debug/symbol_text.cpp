#include "kernel/debug/symbol_text.h"

#include "kernel/debug/kallsyms.h"

namespace tenon {

FixedText<192> symbol_text(u64 address)
{
    constexpr usize longest = 100;  // of a function's name, so that the rest has room
    if (const auto symbol = kallsyms::find(address))
        return FixedText<192>("{:#018x} {}+{:#x}", address, symbol->name.substr(0, longest), address - symbol->address);
    if (const auto found = kallsyms::find_in_modules(address))
        return FixedText<192>("{:#018x} {}+{:#x} [{}]", address, found->name.substr(0, longest), address - found->address, found->module);
    return FixedText<192>("{:#018x}", address);
}

}  // namespace tenon
