#ifdef __aarch64__

#include <array>

#include "tests/exec/runner.h"

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
    {"abs64", [](E e) { return target(e) + 24; }},
    {"abs64_outside", outside},
    {"abs32", absolute_32},
    {"abs16", absolute_16},
    {"abs32_negative", negative},
    {"prel64", [](E e) { return target(e) - e.address("prel64_word"); }},
    {"prel32", [](E e) { return target(e) - e.address("prel32_word"); }},
    {"prel16", [](E e) { return near_target(e) - e.address("prel16_word"); }},
    {"plt32", [](E e) { return e.address("local_function") - e.address("plt32_word"); }},
    {"gotpcrel32_value", outside},
    {"gotrel64", [](E e) { return target(e); }},
    {"gotrel32", [](E e) { return target(e); }},
    {"movw_uabs", outside},
    {"movw_uabs_g0", absolute_16},
    {"movw_uabs_g1", absolute_32},
    {"movw_uabs_g2", absolute_48},
    {"movw_sabs_g0", [](E) { return *absolute_symbol("absolute_negative_16"); }},
    {"movw_sabs_g0_positive", absolute_16},
    {"movw_sabs_g1", negative},
    {"movw_sabs_g2", negative},
    {"movw_prel", target},
    {"movw_prel_g2", target},
    {"movw_prel_g1", target},
    {"movw_prel_g0", near_target},
    {"ld_prel_lo19", [](E) { return u64{0x1122334455667788}; }},
    {"adr_prel_lo21", [](E e) { return near_target(e) + 3; }},
    {"adrp_add", [](E e) { return target(e) + 40; }},
    {"adrp_nc", target},
    {"ldst8", [](E) { return u64{0x22}; }},
    {"ldst16", [](E) { return u64{0x4433}; }},
    {"ldst32", [](E) { return u64{0x88776655}; }},
    {"ldst64", [](E) { return u64{0x0102030405060708}; }},
    {"ldst128", [](E) { return u64{0x2222222222222222}; }},
    {"tstbr14", [](E) { return u64{7}; }},
    {"condbr19", [](E) { return u64{7}; }},
    {"jump26", [](E) { return u64{41}; }},
    {"call26", [](E) { return u64{42}; }},
    {"call26_addend", [](E) { return u64{55}; }},
    {"adr_got_page", outside},
    {"ld64_gotpage_lo15", outside},
    {"ld64_gotoff_lo15", outside},
    {"movw_gotoff", outside},
    {"got_ld_prel19", outside},
    {"weak_call", [](E) { return u64{9}; }},
    {"weak_got", [](E) { return u64{0}; }},
    {"weak_abs64", [](E) { return u64{0}; }},
};

constexpr Retyped types[] = {
    {"plt32_word", 314}, {"gotpcrel32_value_word", 315}, {"gotrel64_word", 307}, {"gotrel32_word", 308}};

// MOV X0, #41; RET; MOV X0, #55; RET
constexpr u8 code[] = {
    0x20, 0x05, 0x80, 0xd2, 0xc0, 0x03, 0x5f, 0xd6, 0xe0, 0x06, 0x80, 0xd2, 0xc0, 0x03, 0x5f, 0xd6,
};

}  // namespace

std::span<const ExecCase> exec_cases()
{
    return cases;
}

std::span<const Retyped> retyped()
{
    return types;
}

std::span<const u8> outside_code()
{
    return code;
}

}  // namespace tenon::test

#endif
