// Much that only the start needs, code, tables and texts, and next to nothing that stays.

#include <tenon/log.h>
#include <tenon/module.h>

using namespace tenon;

namespace {

TENON_INIT_DATA u8 scratch[100'000] = {1};
TENON_INIT_DATA int extra = 0;  // a parameter that is not shown may go with init, too
TENON_INIT_DATA char word[8] = "none";
TENON_INIT_RODATA constexpr u8 table[150'000] = {2};

// 50,000 bytes of code.
TENON_INIT [[gnu::noinline]] u32 long_function_of_init(u32 value)
{
    asm volatile(".rept 12500\n add %w0, %w0, #1\n .endr" : "+r"(value));
    return value;
}

[[gnu::noinline]] u32 function_that_stays(u32 value)
{
    asm volatile("" : "+r"(value));
    return value + 1;
}

TENON_INIT int start()
{
    volatile u32 index = 0;
    scratch[index] = table[index];
    log::info("start_heavy", TENON_INIT_TEXT("text of the start: {} {}"),
              function_that_stays(long_function_of_init(scratch[index] + static_cast<u32>(extra))), word);
    return 0;
}

void stop()
{
    log::info("start_heavy", "text of the end: {}", function_that_stays(1));
}

}  // namespace

module_param(extra, int, 0);
module_param_string(word, word, 0);
module_init(start);
module_exit(stop);

MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("A test: most of it goes when it has started");
