#ifdef __x86_64__

#include <array>

#include "tests/exec/runner.h"

namespace tenon::test {
namespace {

using E = const Environment&;

u64 target(E e) { return e.address("target"); }
u64 outside(E e) { return e.address("outside"); }
u64 near_target(E e) { return e.address("near_target"); }
u64 low(E) { return *absolute_symbol("low"); }

constexpr ExecCase cases[] = {
    {"abs64", [](E e) { return target(e) + 24; }},
    {"abs32", [](E) { return *absolute_symbol("absolute_32"); }},
    {"abs32s", [](E) { return *absolute_symbol("absolute_negative"); }},
    {"abs16", [](E) { return *absolute_symbol("absolute_16"); }},
    {"abs8", [](E) { return *absolute_symbol("absolute_8"); }},
    {"pc64", [](E e) { return target(e) - e.address("pc64_word"); }},
    {"pc32", [](E e) { return target(e) - e.address("pc32_word"); }},
    {"pc16", [](E e) { return near_target(e) - e.address("pc16_word"); }},
    {"size32", [](E) { return u64{32}; }},
    {"size64", [](E) { return u64{33}; }},
    {"lea_pc32", [](E e) { return target(e) + 4; }},
    {"call_plt32", [](E) { return u64{42}; }},
    {"call_pc32", [](E) { return u64{41}; }},
    {"jump_plt32", [](E) { return u64{41}; }},
    {"jump_condition", [](E) { return u64{41}; }},
    {"gotpcrel", outside},
    {"rex_gotpcrelx", outside},
    {"rex_gotpcrelx_r15", outside},
    {"gotpcrelx", low},
    {"gotpcrelx_call", [](E) { return u64{41}; }},
    {"gotpcrelx_jump", [](E) { return u64{41}; }},
    {"gotpcrelx_add", [](E e) { return 3 + low(e); }},
    {"gotpcrelx_add_r9", [](E e) { return 3 + low(e); }},
    {"gotpcrelx_adc", [](E e) { return 4 + low(e); }},
    {"gotpcrelx_adc_r9", [](E e) { return 4 + low(e); }},
    {"gotpcrelx_sub", [](E e) { return 3 - low(e); }},
    {"gotpcrelx_sub_r9", [](E e) { return 3 - low(e); }},
    {"gotpcrelx_sbb", [](E e) { return 2 - low(e); }},
    {"gotpcrelx_sbb_r9", [](E e) { return 2 - low(e); }},
    {"gotpcrelx_and", [](E e) { return 0xff & low(e); }},
    {"gotpcrelx_and_r9", [](E e) { return 0xff & low(e); }},
    {"gotpcrelx_or", [](E e) { return 0xff | low(e); }},
    {"gotpcrelx_or_r9", [](E e) { return 0xff | low(e); }},
    {"gotpcrelx_xor", [](E e) { return 0xff ^ low(e); }},
    {"gotpcrelx_xor_r9", [](E e) { return 0xff ^ low(e); }},
    {"gotpcrelx_cmp", [](E) { return u64{1}; }},
    {"gotpcrelx_test", [](E e) { return (low(e) & 0x40) == 0 ? u64{1} : u64{0}; }},
    {"gotpc32_gotoff64", target},
    {"gotpc64", target},
    {"weak_got", [](E) { return u64{0}; }},
    {"weak_abs64", [](E) { return u64{0}; }},
    {"pc8", [](E e) { return near_target(e) - e.address("pc8_word"); }},
};

// mov $41, %eax; ret; nop; nop; mov $55, %eax; ret
constexpr u8 code[] = {0xb8, 41, 0, 0, 0, 0xc3, 0x90, 0x90, 0xb8, 55, 0, 0, 0, 0xc3};

}  // namespace

std::span<const ExecCase> exec_cases()
{
    return cases;
}

std::span<const Retyped> retyped()
{
    return {};
}

std::span<const u8> outside_code()
{
    return code;
}

}  // namespace tenon::test

#endif
