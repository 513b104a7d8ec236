# One function per way in which x86-64 code refers to an address. Each returns what it computed; tests/exec/cases_x86.cpp says what that must be.
# `target` stands in the object; `outside`, `low` and `function` do not.

    .macro test name
    .text
    .balign 16
    .globl \name
    .type \name, @function
\name:
    endbr64
    .endm

    # A data word that the test reads with `load`.
    .macro data_test name, load, register, directive:vararg
    test \name
    \load \name\()_word(%rip), %\register
    ret
    .balign 8
\name\()_word:
    \directive
    .endm

test abs64
    movabs $target + 24, %rax
    ret
test abs32
    mov $absolute_32, %eax
    ret
test abs32s
    mov $absolute_negative, %rax
    ret
data_test abs16, movzwl, eax, .short absolute_16
data_test abs8, movzbl, eax, .byte absolute_8
data_test pc64, mov, rax, .quad target - .
data_test pc32, movslq, rax, .long target - .
data_test pc16, movswq, rax, .short near_target - .
data_test size32, mov, eax, .long target@SIZE
data_test size64, mov, rax, .quad target@SIZE + 1

test lea_pc32
    lea target + 4(%rip), %rax
    ret
test call_plt32
    sub $8, %rsp
    call function@PLT
    call function@PLT
    add $1, %rax
    add $8, %rsp
    ret
test call_pc32
    sub $8, %rsp
    .byte 0xe8
    .long function - . - 4
    add $8, %rsp
    ret
test jump_plt32
    jmp function
test jump_condition
    xor %eax, %eax
    jz function
    ret

test gotpcrel
    # PUSH is none of the instructions that may be relaxed.
    push outside@GOTPCREL(%rip)
    pop %rax
    ret
test rex_gotpcrelx
    mov outside@GOTPCREL(%rip), %rax
    ret
test rex_gotpcrelx_r15
    push %r15
    mov outside@GOTPCREL(%rip), %r15
    mov %r15, %rax
    pop %r15
    ret
test gotpcrelx
    movl low@GOTPCREL(%rip), %eax
    ret
test gotpcrelx_call
    sub $8, %rsp
    call *function@GOTPCREL(%rip)
    add $8, %rsp
    ret
test gotpcrelx_jump
    jmp *function@GOTPCREL(%rip)
    .macro arithmetic operation, start
test gotpcrelx_\operation
    mov $\start, %rax
    stc
    \operation low@GOTPCREL(%rip), %rax
    ret
test gotpcrelx_\operation\()_r9
    mov $\start, %r9
    stc
    \operation low@GOTPCREL(%rip), %r9
    mov %r9, %rax
    ret
    .endm
arithmetic add, 3
arithmetic adc, 3
arithmetic sub, 3
arithmetic sbb, 3
arithmetic and, 0xff
arithmetic or, 0xff
arithmetic xor, 0xff
test gotpcrelx_cmp
    mov $low, %rax
    cmp low@GOTPCREL(%rip), %rax
    sete %al
    movzbl %al, %eax
    ret
test gotpcrelx_test
    mov $0x40, %rdx
    testq %rdx, low@GOTPCREL(%rip)
    setz %al
    movzbl %al, %eax
    ret

test gotpc32_gotoff64
    lea _GLOBAL_OFFSET_TABLE_(%rip), %rdx
    movabs $target@GOTOFF, %rax
    add %rdx, %rax
    ret
test gotpc64
0:  lea 0b(%rip), %rdx
1:  movabs $_GLOBAL_OFFSET_TABLE_ - 0b, %rcx
    add %rcx, %rdx
    movabs $target@GOTOFF, %rax
    add %rdx, %rax
    ret
test weak_got
    mov missing@GOTPCREL(%rip), %rax
    ret
    .weak missing
data_test weak_abs64, mov, rax, .quad missing

data_test pc8, movsbq, rax, .byte near_target - .

    .section .text.near, "ax", @progbits
near_target:
    ret

    .data
    .balign 16
    .globl target
    .type target, @object
    .size target, 32
target:
    .quad 0x8877665544332211, 0x0102030405060708, 0x1111111111111111, 0x2222222222222222
    .section .note.GNU-stack, "", @progbits
