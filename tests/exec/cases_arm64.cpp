#include "tests/exec/cases.h"

namespace tenon::test {
namespace {

using E = const Environment&;

u64 target(E e) { return e.address("target"); }
u64 outside(E e) { return e.address("outside"); }
u64 absolute_16(E) { return *absolute_symbol("absolute_16"); }
u64 absolute_32(E) { return *absolute_symbol("absolute_32"); }
u64 absolute_48(E) { return *absolute_symbol("absolute_48"); }
u64 negative(E) { return *absolute_symbol("absolute_negative"); }
u64 near_target(E e) { return e.address("near_target"); }

constexpr ExecCase cases[] = {
    {"abs64", "ABS64", [](E e) { return target(e) + 24; }},
    {"abs64_outside", "ABS64", outside},
    {"abs32", "ABS32", absolute_32},
    {"abs16", "ABS16", absolute_16},
    {"abs32_negative", "ABS32", negative},
    {"prel64", "PREL64", [](E e) { return target(e) - e.address("prel64_word"); }},
    {"prel32", "PREL32", [](E e) { return target(e) - e.address("prel32_word"); }},
    {"prel16", "PREL16", [](E e) { return near_target(e) - e.address("prel16_word"); }},
    {"plt32", "PLT32", [](E e) { return e.address("local_function") - e.address("plt32_word"); }},
    {"gotpcrel32", "GOTPCREL32", outside},
    {"gotrel64", "GOTREL64", target},
    {"gotrel32", "GOTREL32", target},

    {"movw_uabs", "MOVW_UABS_G3 MOVW_UABS_G2_NC MOVW_UABS_G1_NC MOVW_UABS_G0_NC", outside},
    {"movw_uabs_g0", "MOVW_UABS_G0", absolute_16},
    {"movw_uabs_g1", "MOVW_UABS_G1 MOVW_UABS_G0_NC", absolute_32},
    {"movw_uabs_g2", "MOVW_UABS_G2 MOVW_UABS_G1_NC MOVW_UABS_G0_NC", absolute_48},
    {"movw_sabs_g0", "MOVW_SABS_G0", [](E) { return *absolute_symbol("absolute_negative_16"); }},
    {"movw_sabs_g0_positive", "MOVW_SABS_G0", absolute_16},
    {"movw_sabs_g1", "MOVW_SABS_G1", negative},
    {"movw_sabs_g2", "MOVW_SABS_G2", negative},
    {"movw_prel", "MOVW_PREL_G3 MOVW_PREL_G2_NC MOVW_PREL_G1_NC MOVW_PREL_G0_NC", target},
    {"movw_prel_g2", "MOVW_PREL_G2 MOVW_PREL_G1_NC MOVW_PREL_G0_NC", target},
    {"movw_prel_g1", "MOVW_PREL_G1 MOVW_PREL_G0_NC", target},
    {"movw_prel_g0", "MOVW_PREL_G0", near_target},

    {"ld_prel_lo19", "LD_PREL_LO19", [](E) { return u64{0x1122334455667788}; }},
    {"adr_prel_lo21", "ADR_PREL_LO21", [](E e) { return near_target(e) + 3; }},
    {"adrp_add", "ADR_PREL_PG_HI21 ADD_ABS_LO12_NC", [](E e) { return target(e) + 40; }},
    {"adrp_nc", "ADR_PREL_PG_HI21_NC ADD_ABS_LO12_NC", target},
    {"ldst8", "LDST8_ABS_LO12_NC", [](E) { return u64{0x22}; }},
    {"ldst16", "LDST16_ABS_LO12_NC", [](E) { return u64{0x4433}; }},
    {"ldst32", "LDST32_ABS_LO12_NC", [](E) { return u64{0x88776655}; }},
    {"ldst64", "LDST64_ABS_LO12_NC", [](E) { return u64{0x0102030405060708}; }},
    {"ldst128", "LDST128_ABS_LO12_NC", [](E) { return u64{0x2222222222222222}; }},

    {"tstbr14", "TSTBR14", [](E) { return u64{7}; }},
    {"condbr19", "CONDBR19", [](E) { return u64{7}; }},
    {"jump26", "JUMP26", [](E) { return u64{41}; }},
    {"call26", "CALL26", [](E) { return u64{42}; }},
    {"call26_addend", "CALL26", [](E) { return u64{55}; }, Where::programs},

    {"adr_got_page", "ADR_GOT_PAGE LD64_GOT_LO12_NC", outside},
    {"ld64_gotpage_lo15", "LD64_GOTPAGE_LO15", outside},
    {"ld64_gotoff_lo15", "LD64_GOTOFF_LO15", outside},
    {"movw_gotoff_g0", "MOVW_GOTOFF_G0", outside},
    {"movw_gotoff_g1", "MOVW_GOTOFF_G1 MOVW_GOTOFF_G0_NC", outside},
    {"movw_gotoff_g2", "MOVW_GOTOFF_G2 MOVW_GOTOFF_G1_NC MOVW_GOTOFF_G0_NC", outside},
    {"movw_gotoff_g3", "MOVW_GOTOFF_G3 MOVW_GOTOFF_G2_NC MOVW_GOTOFF_G1_NC MOVW_GOTOFF_G0_NC", outside},
    {"got_ld_prel19", "GOT_LD_PREL19", outside, Where::programs},

    {"weak_call", "CALL26", [](E) { return u64{9}; }},
    {"weak_got", "ADR_GOT_PAGE LD64_GOT_LO12_NC", [](E) { return u64{0}; }},
    {"weak_abs64", "ABS64", [](E) { return u64{0}; }},
};

// MOV X0, #41; RET; MOV X0, #55; RET
constexpr u8 code[] = {
    0x20, 0x05, 0x80, 0xd2, 0xc0, 0x03, 0x5f, 0xd6, 0xe0, 0x06, 0x80, 0xd2, 0xc0, 0x03, 0x5f, 0xd6,
};

constexpr ExecSuite suite{"R_AARCH64_", cases, code};

}  // namespace

const ExecSuite& arm64_suite()
{
    return suite;
}

}  // namespace tenon::test
