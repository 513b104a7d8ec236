// What the core asks of floors above it, apart from the architecture.

#include <cstdio>

#include "kernel/boot_info.h"
#include "kernel/lib/bug.h"
#include "kernel/lib/panic.h"
#include "kernel/log/early_console.h"

// The kernel's own exception table: none.
asm(".globl ex_table_start, ex_table_end\n"
    ".section .rodata\n"
    "ex_table_start:\n"
    "ex_table_end:\n"
    ".text");

namespace tenon {

void early_console::write(std::string_view text)
{
    std::fwrite(text.data(), 1, text.size(), stderr);
}

std::optional<std::string_view> boot_argument(std::string_view)
{
    return std::nullopt;
}

// No test makes one on purpose.
void report_bug(std::string_view what)
{
    panic(what);
}

void report_bug_in(std::string_view what, const arch::UserRegisters&)
{
    panic(what);
}

}  // namespace tenon
