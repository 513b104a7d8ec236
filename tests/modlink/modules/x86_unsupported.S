// A relocation of linked programs, which no object has.
#include "module.inc"
    module  x86_unsupported
    .data
    .quad   0
    .reloc  .data, R_X86_64_GLOB_DAT, printk
