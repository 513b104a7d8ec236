#include "module.inc"
    module  x86_range
    .text
    call    far_function
    movq    $far_object, %rdi
    movl    $far_object, %edi
    .data
    .byte   far_object
    .word   far_object
