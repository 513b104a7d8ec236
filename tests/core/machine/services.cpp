// What the core asks of floors above it, apart from the architecture.

#include <cstdio>

#include "kernel/lib/bug.h"
#include "kernel/lib/panic.h"
#include <tenon/log.h>

// The kernel's own exception table: none.
asm(".globl ex_table_start, ex_table_end\n"
    ".section .rodata\n"
    "ex_table_start:\n"
    "ex_table_end:\n"
    ".text");

namespace tenon {

void log::write(Severity, std::string_view component, std::string_view text)
{
    std::fprintf(stderr, "%.*s: %.*s\n", static_cast<int>(component.size()), component.data(), static_cast<int>(text.size()), text.data());
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
