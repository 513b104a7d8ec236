#include "module.inc"
    module  x86_missing
    .weak   perhaps
    .text
    call    nobody
    call    perhaps
    .data
    .quad   nothing
