#include "kernel/debug/stack_guard.h"

#include <cstddef>
#include <span>

#include "kernel/debug/kallsyms.h"
#include "kernel/dev/random/random.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/text.h"
#include <tenon/api.h>

extern "C" {

// The names are GCC's. What stands here until a word is chosen protects the first functions.
TENON_API extern std::size_t __stack_chk_guard;
constinit std::size_t __stack_chk_guard = 0x8d5a'5a0d'0aff'5a00;

[[noreturn]] TENON_API void __stack_chk_fail();

}  // extern "C"

namespace tenon::stack_guard {

// A NUL comes first in memory, so that no string can put the right word back.
[[gnu::no_stack_protector]] void choose()
{
    std::size_t word = 0;
    random::fill(std::as_writable_bytes(std::span(&word, 1)));
    __stack_chk_guard = word & ~std::size_t{0xff};
}

}  // namespace tenon::stack_guard

void __stack_chk_fail()
{
    using namespace tenon;
    // The call itself: behind it may stand the next function.
    const u64 caller = reinterpret_cast<u64>(__builtin_return_address(0)) - 4;
    FixedText<160> reason;
    if (const auto symbol = kallsyms::find(caller))
        reason.format("{} overran its stack frame", symbol->name);
    else if (const auto found = kallsyms::find_in_modules(caller))
        reason.format("{} of module {} overran its stack frame", found->name, found->module);
    else
        reason.format("code at {:#x} overran its stack frame", caller);
    panic(reason.view());
}
