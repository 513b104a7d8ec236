// One function per way in which AArch64 code refers to an address. Each returns what it computed; tests/exec/cases_arm64.cpp says what that
// must be. `target` stands in the object, `outside` and `function` do not.

// FOR_LD and FOR_LLD leave out the types that GNU ld 2.40 and LLVM lld 14 do not know.

#ifdef MODULE  // of the kernel's exports: STRLEN finds 41 bytes in `text_41`
#define outside memcpy
#define function strlen
#endif

    // The address of a symbol for a module, which has no linker to ask: a pointer to its name, and the address.
    .macro known_as text, address
    .pushsection .rodata.names, "a"
known_name_\@:
    .asciz "\text"
    .popsection
    .pushsection .rodata.symbols, "a"
    .quad known_name_\@, \address
    .popsection
    .endm
    .macro known name
    .globl \name
    known_as \name, \name
    .endm

    // A line with one relocation, of a type that the assembler has no name for: tests/exec/retype puts the number in.
    .macro typed type, line:vararg
    known type_\type\()_\@
type_\type\()_\@:
    \line
    .endm

    .macro test name
    .text
    .balign 4
    known \name
    .type \name, STT_FUNC
\name:
    bti c
    .endm

    // A data word behind the function that the test reads, `size` by the mnemonic of the load.
    .macro data_test name, load, register, directive:vararg
    test \name
    adr x1, \name\()_word
    \load \register, [x1]
    ret
    .balign 8
    known \name\()_word
\name\()_word:
    \directive
    .endm

    .weak missing  // named first, so that lld's GOT begins with its entry

    .section .rodata.symbols, "a"
    .balign 8
    .globl known_symbols
known_symbols:
    known_as "outside", outside
    known_as "function", function

    .text
text_41:
    .asciz "The kernel's STRLEN must find 41 of these"

data_test abs64, ldr, x0, .quad target + 24
data_test abs64_outside, ldr, x0, .quad outside
data_test abs32, ldr, w0, .word absolute_32
data_test abs16, ldrh, w0, .hword absolute_16
data_test abs32_negative, ldrsw, x0, .word absolute_negative
data_test prel64, ldr, x0, .quad target - .
data_test prel32, ldrsw, x0, .word target - .
data_test prel16, ldrsh, x0, .hword near_target - .
#ifndef FOR_LD
data_test plt32, ldrsw, x0, typed 314, .word local_function - .
#endif

    // The first entry of the GOT holds 0, as does the word that GNU ld keeps in front of its own.
test weak_got
    adrp x0, :got:missing
    ldr x0, [x0, #:got_lo12:missing]
    ret
    .macro got_base
    adrp x1, _GLOBAL_OFFSET_TABLE_
    add x1, x1, #:lo12:_GLOBAL_OFFSET_TABLE_
    .endm
#if !defined(FOR_LD) && !defined(FOR_LLD)
test gotpcrel32
    adr x1, 0f
    ldrsw x0, [x1]
    ldr x0, [x1, x0]
    ret
    .balign 8
0:  typed 315, .word outside - .
test gotrel64
    got_base
    ldr x0, 0f
    add x0, x0, x1
    ret
    .balign 8
0:  typed 307, .quad target - .
test gotrel32
    got_base
    ldrsw x0, 0f
    add x0, x0, x1
    ret
    .balign 8
0:  typed 308, .word target - .
#endif

test movw_uabs
    movz x0, #:abs_g3:outside
    movk x0, #:abs_g2_nc:outside
    movk x0, #:abs_g1_nc:outside
    movk x0, #:abs_g0_nc:outside
    ret
test movw_uabs_g0
    movz x0, #:abs_g0:absolute_16
    ret
test movw_uabs_g1
    movz x0, #:abs_g1:absolute_32
    movk x0, #:abs_g0_nc:absolute_32
    ret
test movw_uabs_g2
    movz x0, #:abs_g2:absolute_48
    movk x0, #:abs_g1_nc:absolute_48
    movk x0, #:abs_g0_nc:absolute_48
    ret
test movw_sabs_g0
    movz x0, #:abs_g0_s:absolute_negative_16
    ret
test movw_sabs_g0_positive
    movn x0, #:abs_g0_s:absolute_16
    ret
test movw_sabs_g1
    movz x0, #:abs_g1_s:absolute_negative
    movk x0, #:abs_g0_nc:absolute_negative
    ret
test movw_sabs_g2
    movz x0, #:abs_g2_s:absolute_negative
    movk x0, #:abs_g1_nc:absolute_negative
    movk x0, #:abs_g0_nc:absolute_negative
    ret
test movw_prel
0:  movz x0, #:prel_g3:target
1:  movk x0, #:prel_g2_nc:target + 4
2:  movk x0, #:prel_g1_nc:target + 8
3:  movk x0, #:prel_g0_nc:target + 12
    adr x1, 0b
    add x0, x0, x1
    ret
test movw_prel_g2
0:  movz x0, #:prel_g2:target
1:  movk x0, #:prel_g1_nc:target + 4
2:  movk x0, #:prel_g0_nc:target + 8
    adr x1, 0b
    add x0, x0, x1
    ret
test movw_prel_g1
0:  movz x0, #:prel_g1:target
1:  movk x0, #:prel_g0_nc:target + 4
    adr x1, 0b
    add x0, x0, x1
    ret
test movw_prel_g0
0:  movz x0, #:prel_g0:near_target
    adr x1, 0b
    add x0, x0, x1
    ret

test ld_prel_lo19
    ldr x0, near_target
    ret
test adr_prel_lo21
    adr x0, near_target + 3
    ret
test adrp_add
    adrp x0, target + 40
    add x0, x0, #:lo12:target + 40
    ret
test adrp_nc
    adrp x0, :pg_hi21_nc:target
    add x0, x0, #:lo12:target
    ret
test ldst8
    adrp x1, target + 1
    ldrb w0, [x1, #:lo12:target + 1]
    ret
test ldst16
    adrp x1, target + 2
    ldrh w0, [x1, #:lo12:target + 2]
    ret
test ldst32
    adrp x1, target + 4
    ldr w0, [x1, #:lo12:target + 4]
    ret
test ldst64
    adrp x1, target + 8
    ldr x0, [x1, #:lo12:target + 8]
    ret
test ldst128
    str q0, [sp, #-16]!  // in the kernel, a program's
    adrp x1, target + 16
    ldr q0, [x1, #:lo12:target + 16]
    mov x0, v0.d[1]
    ldr q0, [sp], #16
    ret

test tstbr14
    mov x0, #1
    tbnz x0, #0, returns_7
    ret
test condbr19
    mov x0, #1
    cmp x0, #1
    b.eq returns_7
    ret
test jump26
    adr x0, text_41
    b function
test call26
    stp x29, x30, [sp, #-16]!
    adr x0, text_41
    bl function
    adr x0, text_41
    bl function
    add x0, x0, #1
    ldp x29, x30, [sp], #16
    ret
#ifndef MODULE  // no export of the kernel has a second entry
test call26_addend
    stp x29, x30, [sp, #-16]!
    bl function + 8
    ldp x29, x30, [sp], #16
    ret
#endif

test adr_got_page
    adrp x0, :got:outside
    ldr x0, [x0, #:got_lo12:outside]
    ret
test ld64_gotpage_lo15
    adrp x0, _GLOBAL_OFFSET_TABLE_
    ldr x0, [x0, #:gotpage_lo15:outside]
    ret
#ifndef FOR_LLD
test ld64_gotoff_lo15
    got_base
    ldr x0, [x1, #:gotoff_lo15:outside]
    ret
test movw_gotoff_g1
    got_base
    movz x0, #:gotoff_g1:outside
    movk x0, #:gotoff_g0_nc:outside
    ldr x0, [x1, x0]
    ret
#ifndef MODULE  // the kernel's GOT entries stand farther from the code than the tiny model allows
test got_ld_prel19
    ldr x0, :got:outside
    ret
#endif
#endif
#if !defined(FOR_LD) && !defined(FOR_LLD)
test movw_gotoff_g0
    got_base
    typed 300, movz x0, #:abs_g0:outside
    ldr x0, [x1, x0]
    ret
test movw_gotoff_g2
    got_base
    typed 304, movz x0, #:abs_g2:outside
    typed 303, movk x0, #:abs_g1_nc:outside
    movk x0, #:gotoff_g0_nc:outside
    ldr x0, [x1, x0]
    ret
test movw_gotoff_g3
    got_base
    typed 306, movz x0, #:abs_g3:outside
    typed 305, movk x0, #:abs_g2_nc:outside
    typed 303, movk x0, #:abs_g1_nc:outside
    movk x0, #:gotoff_g0_nc:outside
    ldr x0, [x1, x0]
    ret
#endif

test weak_call
    mov x0, #9
    stp x29, x30, [sp, #-16]!
    bl missing
    ldp x29, x30, [sp], #16
    ret
data_test weak_abs64, ldr, x0, .quad missing

    // Branches of 14 and 19 bits and PREL16 reach this far when the sections stand together.
    .section .text.near, "ax"
    .balign 16
returns_7:
    bti j
    mov x0, #7
    ret
    .balign 8
    known near_target
near_target:
    .quad 0x1122334455667788
    known local_function
local_function:
    ret

    .data
    .balign 16
    known target
target:
    .quad 0x8877665544332211, 0x0102030405060708, 0x1111111111111111, 0x2222222222222222

    .section .rodata.symbols, "a"
    .globl known_symbols_end
known_symbols_end:

#ifdef MODULE
#define ABSOLUTE(name, value) .globl name; .set name, value
#include "tests/exec/absolute_symbols.inc"
#endif
    .section .note.GNU-stack, "", %progbits
