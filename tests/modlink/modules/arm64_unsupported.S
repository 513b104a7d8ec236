// A relocation for thread-local storage, which no kernel has.
#include "module.inc"
    module  unsupported
    .text
    adrp    x0, :tlsdesc:printk
