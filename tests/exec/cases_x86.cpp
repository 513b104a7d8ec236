#include "tests/exec/cases.h"

namespace tenon::test {
namespace {

using E = const Environment&;

u64 target(E e) { return e.address("target"); }
u64 outside(E e) { return e.address("outside"); }
u64 near_target(E e) { return e.address("near_target"); }
u64 low(E) { return *absolute_symbol("low"); }

constexpr ExecCase cases[] = {
    {"abs64", "64", [](E e) { return target(e) + 24; }},
    {"abs32", "32", [](E) { return *absolute_symbol("absolute_32"); }},
    {"abs32s", "32S", [](E) { return *absolute_symbol("absolute_negative"); }},
    {"abs16", "16", [](E) { return *absolute_symbol("absolute_16"); }},
    {"abs8", "8", [](E) { return *absolute_symbol("absolute_8"); }},
    {"pc64", "PC64", [](E e) { return target(e) - e.address("pc64_word"); }},
    {"pc32", "PC32", [](E e) { return target(e) - e.address("pc32_word"); }},
    {"pc16", "PC16", [](E e) { return near_target(e) - e.address("pc16_word"); }},
    {"size32", "SIZE32", [](E) { return u64{32}; }},
    {"size64", "SIZE64", [](E) { return u64{33}; }},
    {"lea_pc32", "PC32", [](E e) { return target(e) + 4; }},
    {"call_plt32", "PLT32", [](E) { return u64{42}; }},
    {"call_pc32", "PC32", [](E) { return u64{41}; }},
    {"jump_plt32", "PLT32", [](E) { return u64{41}; }},
    {"jump_condition", "PLT32", [](E) { return u64{41}; }},
    {"gotpcrel", "GOTPCREL", outside},
    {"rex_gotpcrelx", "REX_GOTPCRELX", outside},
    {"rex_gotpcrelx_r15", "REX_GOTPCRELX", outside},
    {"gotpcrelx", "GOTPCRELX", low},
    {"gotpcrelx_call", "GOTPCRELX", [](E) { return u64{41}; }},
    {"gotpcrelx_jump", "GOTPCRELX", [](E) { return u64{41}; }},
    {"gotpcrelx_add", "REX_GOTPCRELX", [](E e) { return 3 + low(e); }},
    {"gotpcrelx_add_r9", "REX_GOTPCRELX", [](E e) { return 3 + low(e); }},
    {"gotpcrelx_adc", "REX_GOTPCRELX", [](E e) { return 4 + low(e); }},
    {"gotpcrelx_adc_r9", "REX_GOTPCRELX", [](E e) { return 4 + low(e); }},
    {"gotpcrelx_sub", "REX_GOTPCRELX", [](E e) { return 3 - low(e); }},
    {"gotpcrelx_sub_r9", "REX_GOTPCRELX", [](E e) { return 3 - low(e); }},
    {"gotpcrelx_sbb", "REX_GOTPCRELX", [](E e) { return 2 - low(e); }},
    {"gotpcrelx_sbb_r9", "REX_GOTPCRELX", [](E e) { return 2 - low(e); }},
    {"gotpcrelx_and", "REX_GOTPCRELX", [](E e) { return 0xff & low(e); }},
    {"gotpcrelx_and_r9", "REX_GOTPCRELX", [](E e) { return 0xff & low(e); }},
    {"gotpcrelx_or", "REX_GOTPCRELX", [](E e) { return 0xff | low(e); }},
    {"gotpcrelx_or_r9", "REX_GOTPCRELX", [](E e) { return 0xff | low(e); }},
    {"gotpcrelx_xor", "REX_GOTPCRELX", [](E e) { return 0xff ^ low(e); }},
    {"gotpcrelx_xor_r9", "REX_GOTPCRELX", [](E e) { return 0xff ^ low(e); }},
    {"gotpcrelx_cmp", "REX_GOTPCRELX", [](E) { return u64{1}; }},
    {"gotpcrelx_test", "REX_GOTPCRELX", [](E e) { return (low(e) & 0x40) == 0 ? u64{1} : u64{0}; }},
    {"gotpc32_gotoff64", "GOTPC32 GOTOFF64", target},
    {"gotpc64", "GOTPC64 GOTOFF64", target},
    {"weak_got", "REX_GOTPCRELX", [](E) { return u64{0}; }},
    {"weak_abs64", "64", [](E) { return u64{0}; }},
    {"pc8", "PC8", [](E e) { return near_target(e) - e.address("pc8_word"); }},
};

// mov $41, %eax; ret; nop; nop; mov $55, %eax; ret
constexpr u8 code[] = {0xb8, 41, 0, 0, 0, 0xc3, 0x90, 0x90, 0xb8, 55, 0, 0, 0, 0xc3};

constexpr ExecSuite suite{"R_X86_64_", cases, code};

}  // namespace

const ExecSuite& x86_suite()
{
    return suite;
}

}  // namespace tenon::test
